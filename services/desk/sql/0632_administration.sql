-- What the administrator's page shows of the other processes (docs/decisions/0113): how far each source was read, how many
-- messages lie aside and since when, how many notices are held. No content, no key, no reason.
GRANT USAGE ON SCHEMA ingest, sla, notify TO vaguemestre_desk, vaguemestre_web;
GRANT SELECT (source, read_until) ON ingest.checkpoints TO vaguemestre_desk, vaguemestre_web;
GRANT SELECT (topic, first_at) ON ingest.dead_letters, sla.dead_letters, notify.dead_letters
    TO vaguemestre_desk, vaguemestre_web;
GRANT SELECT ON notify.ledger_counts TO vaguemestre_desk, vaguemestre_web;
