-- The role of the dashboards: sums only, never an item. No login: whoever installs gives one.
DO $role$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'vaguemestre_grafana') THEN
        CREATE ROLE vaguemestre_grafana NOLOGIN;
    END IF;
EXCEPTION
    -- Roles belong to the whole server: a runner in another database was faster.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$role$;
GRANT USAGE ON SCHEMA desk TO vaguemestre_grafana;
GRANT SELECT ON desk.promises, desk.received, desk.words, desk.waiting, desk.service_names, desk.target
    TO vaguemestre_grafana;
GRANT EXECUTE ON FUNCTION desk.arrivals_by_hour(timestamptz, timestamptz) TO vaguemestre_grafana;
