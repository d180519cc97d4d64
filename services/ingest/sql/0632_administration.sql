-- Seen on the administrator's page (docs/decisions/0113): how far each source was read, what lies aside and since when; no content.
GRANT USAGE ON SCHEMA ingest TO vaguemestre_desk, vaguemestre_web;
GRANT SELECT (source, read_until) ON ingest.checkpoints TO vaguemestre_desk, vaguemestre_web;
GRANT SELECT (topic, first_at) ON ingest.dead_letters TO vaguemestre_desk, vaguemestre_web;
