-- What is stated about figures and promises, and about no item: months closed, lists frozen, draws made. One
-- chain for the site, with links made as those of desk.facts (domain/evidence.py) and sealed by the same roots.
CREATE TABLE desk.quality_facts (
    chain_id    uuid NOT NULL,           -- shared/ids.quality_chain
    seq         integer NOT NULL CHECK (seq > 0),
    event_id    uuid NOT NULL UNIQUE,
    subject_id  uuid NOT NULL,           -- shared/ids.quality_id
    type        text NOT NULL,
    by          text NOT NULL,
    happened_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    payload     text NOT NULL,           -- the JSON that was told, byte for byte
    link        text NOT NULL,
    PRIMARY KEY (chain_id, seq)
);
CREATE INDEX quality_facts_subject ON desk.quality_facts (subject_id, seq);
CREATE TRIGGER keep_facts BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.quality_facts
    FOR EACH STATEMENT EXECUTE FUNCTION desk.keep_facts();

CREATE FUNCTION desk.note_quality_grown() RETURNS trigger LANGUAGE plpgsql AS $note$
BEGIN
    INSERT INTO desk.to_seal SELECT DISTINCT chain_id FROM stated;
    RETURN NULL;
END
$note$;
CREATE TRIGGER note_grown AFTER INSERT ON desk.quality_facts REFERENCING NEW TABLE AS stated
    FOR EACH STATEMENT EXECUTE FUNCTION desk.note_quality_grown();

-- Every chain that the roots seal.
CREATE VIEW desk.chained AS
    SELECT item_id, seq, link FROM desk.facts
    UNION ALL
    SELECT chain_id, seq, link FROM desk.quality_facts;

INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'desk', 'quality_facts', '{SELECT,INSERT}');
