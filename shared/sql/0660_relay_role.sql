-- `vaguemestre run` carries the outboxes of all services by one connection, under a role that may
-- nothing else: read what is told, and let what Kafka confirmed wait no more (docs/decisions/0164).
-- The runner makes the role, and calls this for each schema after every migration.
CREATE FUNCTION site.grant_relay(of_schema text) RETURNS void
LANGUAGE plpgsql AS $grant$
DECLARE
    grantee text := site.role_of('relay');
BEGIN
    IF to_regclass(format('%I.outbox_waiting', of_schema)) IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', of_schema, grantee);
    EXECUTE format('GRANT SELECT ON %I.outbox TO %I', of_schema, grantee);
    EXECUTE format('GRANT SELECT, DELETE ON %I.outbox_waiting TO %I', of_schema, grantee);
END
$grant$;
