-- What every schema needs to hear and to tell: outbox, inbox, dead letters. One function makes them, so
-- that a fifth service gets the same tables; it changes nothing where they already stand.
CREATE FUNCTION site.plumb(schema_name text) RETURNS void
LANGUAGE plpgsql AS $plumb$
BEGIN
    EXECUTE format($sql$
        CREATE TABLE IF NOT EXISTS %1$I.outbox (
            id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            event_id   uuid NOT NULL UNIQUE,
            topic      text NOT NULL,
            key        text NOT NULL,
            payload    text NOT NULL,      -- the JSON as it will travel, byte for byte
            headers    jsonb NOT NULL,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()  -- real time even in a story: for the age
        )
    $sql$, schema_name);
    EXECUTE format($sql$
        CREATE TABLE IF NOT EXISTS %1$I.inbox (
            reader   text NOT NULL,
            event_id uuid NOT NULL,
            heard_at timestamptz NOT NULL DEFAULT clock_timestamp(),   -- real time: Kafka's retention counts so
            PRIMARY KEY (reader, event_id)
        )
    $sql$, schema_name);
    EXECUTE format('CREATE INDEX IF NOT EXISTS inbox_heard_at ON %1$I.inbox (heard_at)', schema_name);
    EXECUTE format($sql$
        CREATE TABLE IF NOT EXISTS %1$I.dead_letters (
            id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            topic     text NOT NULL,       -- the bare name, or what parked it when no record did
            partition integer,
            "offset"  bigint,
            key       bytea,
            headers   jsonb NOT NULL,      -- [[name, base64], …]: a header may be no text
            payload   bytea,
            reason    text NOT NULL,
            attempts  integer NOT NULL DEFAULT 1,
            first_at  timestamptz NOT NULL,
            last_at   timestamptz NOT NULL,
            UNIQUE (topic, partition, "offset")
        )
    $sql$, schema_name);
END
$plumb$;

CREATE FUNCTION site.grant_own(schema_name text, role_name text) RETURNS void
LANGUAGE plpgsql AS $grant$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', schema_name, role_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA %I TO %I',
                   schema_name, role_name);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I', schema_name, role_name);
    EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO %I', schema_name, role_name);
    EXECUTE format('GRANT USAGE ON SCHEMA site TO %I', role_name);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA site TO %I', role_name);
END
$grant$;
