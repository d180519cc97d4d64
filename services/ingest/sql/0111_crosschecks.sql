-- Who hears the arrivals compares them with what it knows, and has what it lacks told again.
GRANT USAGE ON SCHEMA ingest TO vaguemestre_desk, vaguemestre_notify;
GRANT SELECT ON ingest.outbox, ingest.outbox_waiting TO vaguemestre_desk, vaguemestre_notify;
GRANT INSERT ON ingest.outbox_waiting TO vaguemestre_desk, vaguemestre_notify;
