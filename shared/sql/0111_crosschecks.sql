-- What a reader lacked of each topic at the last cross-check (docs/decisions/0042, shared/crosscheck.py).
CREATE FUNCTION site.keep_crosschecks(schema_name text) RETURNS void
LANGUAGE plpgsql AS $keep$
BEGIN
    EXECUTE format($sql$
        CREATE TABLE %1$I.crosschecks (
            topic      text PRIMARY KEY,
            checked_at timestamptz NOT NULL,  -- real time, as the two below
            missing    integer NOT NULL,      -- facts that were told and never heard
            behind     boolean NOT NULL,      -- the reader had not heard all that Kafka held
            retold_at  timestamptz            -- when what was missing was last told again
        )
    $sql$, schema_name);
END
$keep$;
