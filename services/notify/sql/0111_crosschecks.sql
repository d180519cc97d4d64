-- Who hears the notices compares them with what it knows, and has what it lacks told again.
SELECT site.keep_crosschecks('notify');
GRANT USAGE ON SCHEMA notify TO vaguemestre_desk;
GRANT SELECT ON notify.outbox, notify.outbox_waiting TO vaguemestre_desk;
GRANT INSERT ON notify.outbox_waiting TO vaguemestre_desk;
