-- Seen on the administrator's page (docs/decisions/0113): what lies aside and since when, how many notices are held; no content.
GRANT USAGE ON SCHEMA notify TO vaguemestre_desk, vaguemestre_web;
GRANT SELECT (topic, first_at) ON notify.dead_letters TO vaguemestre_desk, vaguemestre_web;
GRANT SELECT ON notify.ledger_counts TO vaguemestre_desk, vaguemestre_web;
