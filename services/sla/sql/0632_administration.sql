-- Seen on the administrator's page (docs/decisions/0113): what lies aside and since when; no content.
GRANT USAGE ON SCHEMA sla TO vaguemestre_desk, vaguemestre_web;
GRANT SELECT (topic, first_at) ON sla.dead_letters TO vaguemestre_desk, vaguemestre_web;
