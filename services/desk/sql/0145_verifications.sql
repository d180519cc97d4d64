-- What each verification of the evidence found (docs/decisions/0047): figures and facts, never a sender's name.
-- Rows are only added; gauges, the page of proofs and the weekly page read the last one.
CREATE TABLE desk.verifications (
    verification bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day          date NOT NULL,             -- the local day on which it was made
    verified_at  timestamptz NOT NULL,      -- when it had ended
    items        integer NOT NULL,          -- refolded
    clocks       integer NOT NULL,          -- replanned
    differ       integer NOT NULL,
    checked      jsonb NOT NULL,            -- how many chains, roots, documents, months
    said         text[] NOT NULL            -- what could not be asked
);
CREATE INDEX verifications_day ON desk.verifications (day);
CREATE TABLE desk.differences (
    verification bigint NOT NULL REFERENCES desk.verifications,
    place        integer NOT NULL,
    what         text NOT NULL,             -- by which check
    subject      text NOT NULL,
    sentence     text NOT NULL,
    chrono       text,
    proven       text NOT NULL,
    found        text NOT NULL,
    PRIMARY KEY (verification, place)
);

CREATE FUNCTION desk.keep_verifications() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    RAISE EXCEPTION 'What a verification found is never changed nor removed.';
END
$keep$;
CREATE TRIGGER keep_verifications BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.verifications
    FOR EACH STATEMENT EXECUTE FUNCTION desk.keep_verifications();
CREATE TRIGGER keep_differences BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.differences
    FOR EACH STATEMENT EXECUTE FUNCTION desk.keep_verifications();
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('desk', 'desk', 'verifications', '{SELECT,INSERT}'), ('desk', 'desk', 'differences', '{SELECT,INSERT}'),
    ('web', 'desk', 'verifications', '{SELECT}'), ('web', 'desk', 'differences', '{SELECT}');

-- Promises of an item in closed months: what its facts gave when each was closed.
CREATE INDEX closed_promises_item ON desk.closed_promises (item_id);

-- The weekly page says when the evidence was verified, and how many things differ.
CREATE VIEW desk.verified AS
    SELECT day, verified_at, items, clocks, differ FROM desk.verifications ORDER BY verification DESC LIMIT 1;
