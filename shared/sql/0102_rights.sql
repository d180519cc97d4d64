-- Who may what. Roles belong to the whole server, so their names carry the site: `site.role_names` has what
-- stands before them (`vaguemestre_indre`), and `site.role_of('desk')` is one of them. Migrations name roles
-- by the service alone (vaguemestre_desk): whoever runs them puts the site's name in.
--
-- A role may read, insert, change and delete in every table of its schema, save what `site.table_rights` says
-- otherwise; nothing else is granted by default. The runner calls these functions after each migration.
CREATE FUNCTION site.role_of(service text) RETURNS text LANGUAGE sql STABLE AS
$of$ SELECT prefix || '_' || service FROM site.role_names $of$;

CREATE TABLE site.table_rights (
    role        text NOT NULL,          -- the service's, or `*`: of every role of the schema
    schema_name text NOT NULL,
    table_name  text NOT NULL,
    rights      text[] NOT NULL,
    PRIMARY KEY (role, schema_name, table_name)
);

CREATE FUNCTION site.grant_schema(of_schema text, service text) RETURNS void
LANGUAGE plpgsql AS $grant$
DECLARE
    grantee text := site.role_of(service);
    one     record;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', of_schema, grantee);
    FOR one IN
        SELECT c.relname, coalesce(own.rights, every.rights,
                   CASE WHEN c.relkind IN ('v', 'm') THEN ARRAY['SELECT']
                        ELSE ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'] END) AS rights
        FROM pg_class c
        LEFT JOIN site.table_rights own
          ON (own.role, own.schema_name, own.table_name) = (service, of_schema, c.relname)
        LEFT JOIN site.table_rights every
          ON (every.role, every.schema_name, every.table_name) = ('*', of_schema, c.relname)
        WHERE c.relnamespace = of_schema::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
    LOOP
        EXECUTE format('REVOKE ALL ON %I.%I FROM %I', of_schema, one.relname, grantee);
        IF one.rights <> '{}' THEN
            EXECUTE format('GRANT %s ON %I.%I TO %I', array_to_string(one.rights, ', '),
                           of_schema, one.relname, grantee);
        END IF;
    END LOOP;
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I', of_schema, grantee);
    EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO %I', of_schema, grantee);
END
$grant$;

-- The rules, the people and the plumbing of a site: read by every process.
CREATE FUNCTION site.grant_site(service text) RETURNS void
LANGUAGE plpgsql AS $grant$
DECLARE
    grantee text := site.role_of(service);
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA site TO %I', grantee);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA site TO %I', grantee);
END
$grant$;

-- Whoever only looks (`vaguemestre status`) reads sums, moments, numbers and codes, and no word that anybody
-- wrote: in tables, columns of these types and names; views are sums already.
CREATE FUNCTION site.grant_sight(of_schema text, service text) RETURNS void
LANGUAGE plpgsql AS $grant$
DECLARE
    grantee text := site.role_of(service);
    one     record;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', of_schema, grantee);
    FOR one IN
        SELECT c.relname, c.relkind, string_agg(format('%I', a.attname), ', ') AS columns
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = of_schema::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
          AND c.relname NOT IN ('sessions', 'signins', 'attempts')
          AND (c.relkind IN ('v', 'm')
               OR a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype,
                                 'bool'::regtype, 'date'::regtype, 'timestamptz'::regtype, 'uuid'::regtype,
                                 'float8'::regtype, 'interval'::regtype)
               OR a.attname IN ('state', 'word', 'kind', 'source', 'service', 'way', 'waiting', 'topic', 'why',
                                'channel', 'type', 'clock', 'result', 'speed', 'schema', 'reader', 'list'))
        GROUP BY c.relname, c.relkind
    LOOP
        IF one.relkind IN ('v', 'm') THEN
            EXECUTE format('GRANT SELECT ON %I.%I TO %I', of_schema, one.relname, grantee);
        ELSE
            EXECUTE format('GRANT SELECT (%s) ON %I.%I TO %I', one.columns, of_schema, one.relname, grantee);
        END IF;
    END LOOP;
END
$grant$;

-- What a service may do in a schema that is not its own, another may too.
CREATE FUNCTION site.grant_same(of_schema text, service text, other text) RETURNS void
LANGUAGE plpgsql AS $grant$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT c.oid::regclass::text AS name, a.privilege_type AS privilege
        FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.relnamespace = of_schema::regnamespace AND a.grantee = site.role_of(service)::regrole
          AND c.relkind IN ('r', 'p', 'v', 'm')
    LOOP
        EXECUTE format('GRANT %s ON %s TO %I', one.privilege, one.name, site.role_of(other));
    END LOOP;
END
$grant$;

-- What one role was granted, another is granted too, and the first no longer: for roles that get a new name.
CREATE FUNCTION site.move_rights(before text, after text) RETURNS void
LANGUAGE plpgsql AS $move$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT 'SCHEMA' AS what, format('%I', n.nspname) AS name, a.privilege_type AS privilege
        FROM pg_namespace n, aclexplode(n.nspacl) a WHERE a.grantee = before::regrole
        UNION ALL
        SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, a.privilege_type
        FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee = before::regrole
        UNION ALL
        SELECT 'FUNCTION', p.oid::regprocedure::text, a.privilege_type
        FROM pg_proc p, aclexplode(p.proacl) a WHERE a.grantee = before::regrole
    LOOP
        EXECUTE format('GRANT %s ON %s %s TO %I', one.privilege, one.what, one.name, after);
        EXECUTE format('REVOKE %s ON %s %s FROM %I', one.privilege, one.what, one.name, before);
    END LOOP;
END
$move$;

DROP FUNCTION site.grant_own(text, text);
