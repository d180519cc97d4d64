-- How far a reader has come, kept in the transaction of what it took (docs/decisions/0054, shared/offsets.py).
CREATE FUNCTION site.keep_offsets(schema_name text) RETURNS void
LANGUAGE plpgsql AS $keep$
BEGIN
    EXECUTE format($sql$
        CREATE TABLE %1$I.offsets (
            topic       text NOT NULL,      -- as Kafka calls it: with the prefix
            partition   integer NOT NULL,
            next_offset bigint NOT NULL,    -- of the first record that was not taken yet
            PRIMARY KEY (topic, partition)
        ) WITH (fillfactor = 50)            -- written with each batch, in the same page
    $sql$, schema_name);
END
$keep$;
