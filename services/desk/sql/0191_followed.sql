-- What the portal (services/portal) stands on: a schema of its own, of which the register's tables are no part.
-- Its role may what is granted here, and nothing else anywhere (docs/decisions/0072).
CREATE SCHEMA portal;

-- The deposits of the form are the portal's from now on. Programs below read and write them under the old name.
ALTER TABLE desk.deposits SET SCHEMA portal;
CREATE VIEW desk.deposits AS SELECT deposit, at FROM portal.deposits;
INSERT INTO site.table_rights (role, schema_name, table_name, rights)
VALUES ('*', 'desk', 'deposits', '{SELECT,INSERT,DELETE}');

-- What whoever has the address of a deposit may know of it. The address carries the deposit's id; of it only
-- this hash is known here: its arrival's id (uuid5, a truncated SHA-1). No name, no text, no date of anybody.
CREATE TABLE portal.followed (
    arrival_id  uuid PRIMARY KEY,
    state       text NOT NULL CHECK (state IN ('received', 'looked_at', 'registered', 'answered')),
    chrono      text,
    service     text,                    -- who has it, once a person or a certain rule said so
    missing     text CHECK (missing IN ('pieces')),
    recorded_at timestamptz NOT NULL     -- of the arrival: ninety days after, nothing is left to follow
);
CREATE INDEX followed_recorded ON portal.followed (recorded_at);

-- What the register says of each deposit of the form, told to nobody but by the table above. Who has an item
-- that is réservé, or that another office has, is not said.
CREATE VIEW portal.following AS
    SELECT a.arrival_id, a.item_id,
           CASE WHEN a.word IN ('quarantine', 'set_aside') THEN 'looked_at'
                WHEN i.item_id IS NULL THEN 'received'
                WHEN i.state = 'answered' THEN 'answered'
                ELSE 'registered' END AS state,
           i.chrono,
           CASE WHEN i.perimeter AND i.confidentiality = 'normal'
                 AND i.state NOT IN ('to_qualify', 'merged', 'transferred', 'destroyed')
                THEN i.service END AS service,
           CASE WHEN i.state = 'awaiting_pieces' THEN 'pieces' END AS missing,
           a.recorded_at
    FROM desk.arrivals a LEFT JOIN desk.items i USING (item_id)
    WHERE a.source = 'spool' AND a.channel = 'form';

-- Written in the transaction that changes the register, by whatever role does it.
CREATE FUNCTION portal.follow_arrivals() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog SET enable_seqscan = off AS $follow$
BEGIN
    INSERT INTO portal.followed (arrival_id, state, chrono, service, missing, recorded_at)
    SELECT now.arrival_id, now.state, now.chrono, now.service, now.missing, now.recorded_at
    FROM after JOIN portal.following AS now USING (arrival_id) ORDER BY 1
    ON CONFLICT (arrival_id) DO UPDATE SET
        state = excluded.state, chrono = excluded.chrono, service = excluded.service,
        missing = excluded.missing;
    RETURN NULL;
END
$follow$;

CREATE FUNCTION portal.follow_items() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog SET enable_seqscan = off AS $follow$
BEGIN
    UPDATE portal.followed AS kept
    SET state = now.state, chrono = now.chrono, service = now.service, missing = now.missing
    FROM (SELECT one.* FROM after JOIN portal.following AS one USING (item_id)) AS now
    WHERE kept.arrival_id = now.arrival_id
      AND (kept.state, kept.chrono, kept.service, kept.missing)
          IS DISTINCT FROM (now.state, now.chrono, now.service, now.missing);
    RETURN NULL;
END
$follow$;

CREATE TRIGGER follow_new_arrivals AFTER INSERT ON desk.arrivals REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION portal.follow_arrivals();
CREATE TRIGGER follow_changed_arrivals AFTER UPDATE ON desk.arrivals REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION portal.follow_arrivals();
CREATE TRIGGER follow_new_items AFTER INSERT ON desk.items REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION portal.follow_items();
CREATE TRIGGER follow_changed_items AFTER UPDATE ON desk.items REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION portal.follow_items();

INSERT INTO portal.followed (arrival_id, state, chrono, service, missing, recorded_at)
SELECT arrival_id, state, chrono, service, missing, recorded_at FROM portal.following;

-- The register finds a deposit by its number, forgets it after ninety days, and verifies what is shown.
GRANT USAGE ON SCHEMA portal TO vaguemestre_desk;
GRANT SELECT, DELETE ON portal.deposits, portal.followed TO vaguemestre_desk;
GRANT SELECT ON portal.following TO vaguemestre_desk;
-- Programs below: their pages of the public went on under this role, by the names that stood then.
GRANT SELECT, INSERT ON desk.deposits TO vaguemestre_public;

-- The portal: a deposit more, what is followed, and the rules that the form shows.
GRANT USAGE ON SCHEMA portal, site TO vaguemestre_portal;
GRANT SELECT, INSERT ON portal.deposits TO vaguemestre_portal;
GRANT SELECT ON portal.followed TO vaguemestre_portal;
GRANT SELECT (version, digest, bundle, days, effective_from) ON site.versions TO vaguemestre_portal;
GRANT SELECT (id, moment) ON site.go_live TO vaguemestre_portal;
GRANT SELECT ON site.unsigned_codes, site.story, site.migrations, site.schema TO vaguemestre_portal;
