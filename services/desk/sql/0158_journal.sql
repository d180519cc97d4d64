-- Who signed in, read, took a file away or was refused: the person and the address of the network, the page as the
-- table of pages names it, the number that it is about. No content, no words of a search. Nobody changes a row;
-- what is older than the site keeps it goes by desk.purge_journal alone, which says so in the journal itself.
CREATE TABLE desk.journal (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid     xid8 NOT NULL DEFAULT pg_current_xact_id(),  -- what a reader has seen whole, whoever commits late
    at      timestamptz NOT NULL,
    what    text NOT NULL CHECK (what IN ('sign-in', 'sign-in-refused', 'sign-out', 'reading', 'download',
                                          'refusal', 'purge')),
    person  text,                        -- the site's id; null: nobody who was known
    address text,                        -- of the network, as the proxy gives it
    page    text NOT NULL,               -- as the table of pages has it: /courrier/{chrono}
    about   text NOT NULL DEFAULT ''     -- a number of the register
);
CREATE INDEX journal_at ON desk.journal (at);
CREATE INDEX journal_person ON desk.journal (person, at);
CREATE INDEX journal_in_order ON desk.journal (xid, id);

CREATE FUNCTION desk.keep_journal() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('desk.purging', true) = 'yes' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The journal is never changed nor removed before its time.';
END
$keep$;
CREATE TRIGGER keep_journal BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.journal
    FOR EACH STATEMENT EXECUTE FUNCTION desk.keep_journal();

-- What is older goes, and how much went stands in the journal. Never what is younger than six months, by the
-- clock of the database, whoever asks.
CREATE FUNCTION desk.purge_journal(before timestamptz, now timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $purge$
DECLARE
    gone bigint;
BEGIN
    before := least(before, clock_timestamp() - interval '6 months');
    PERFORM set_config('desk.purging', 'yes', true);
    DELETE FROM desk.journal WHERE at < before;
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('desk.purging', '', true);
    IF gone > 0 THEN
        INSERT INTO desk.journal (at, what, page, about)
        VALUES (now, 'purge', 'desk keep', format('%s lines before %s', gone, before::date));
    END IF;
    RETURN gone;
END
$purge$;
REVOKE ALL ON FUNCTION desk.purge_journal(timestamptz, timestamptz) FROM PUBLIC;

-- How far a collector has it (services/desk/journal_export.py).
CREATE TABLE desk.journal_told (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    xid    xid8 NOT NULL,
    id     bigint NOT NULL
);

INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'desk', 'journal', '{SELECT,INSERT}'),
    ('web', 'desk', 'journal_told', '{}');
