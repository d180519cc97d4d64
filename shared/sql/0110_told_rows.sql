-- What was told stays in its outbox, longer than a topic keeps its records: PostgreSQL can tell all of it again
-- when Kafka has lost it (docs/decisions/0042). A fact is written once and never rewritten; what waits to be told
-- is a narrow row beside it, so that the relay's work does not grow with what was told. In it what is fresh
-- comes before what is told again. Triggers keep it, so that a program before this one tells as it did.
CREATE FUNCTION site.keep_told(schema_name text) RETURNS void
LANGUAGE plpgsql AS $keep$
BEGIN
    EXECUTE format($sql$
        CREATE TABLE %1$I.outbox_waiting (
            again boolean NOT NULL,        -- told before: after all that is fresh
            id    bigint NOT NULL UNIQUE,  -- of the outbox
            PRIMARY KEY (again, id)
        );
        INSERT INTO %1$I.outbox_waiting SELECT false, id FROM %1$I.outbox;

        CREATE FUNCTION %1$I.outbox_waits() RETURNS trigger LANGUAGE plpgsql AS $waits$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO %1$I.outbox_waiting SELECT false, id FROM changed;
            ELSIF TG_OP = 'DELETE' THEN
                DELETE FROM %1$I.outbox_waiting WHERE id IN (SELECT id FROM changed);
            ELSE
                DELETE FROM %1$I.outbox_waiting;
            END IF;
            RETURN NULL;
        END
        $waits$;
        CREATE TRIGGER outbox_waits_insert AFTER INSERT ON %1$I.outbox REFERENCING NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION %1$I.outbox_waits();
        CREATE TRIGGER outbox_waits_delete AFTER DELETE ON %1$I.outbox REFERENCING OLD TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION %1$I.outbox_waits();
        CREATE TRIGGER outbox_waits_truncate AFTER TRUNCATE ON %1$I.outbox
            FOR EACH STATEMENT EXECUTE FUNCTION %1$I.outbox_waits();
    $sql$, schema_name);
END
$keep$;
