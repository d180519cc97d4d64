-- Who hears the register compares what it told with what it knows, and has what it lacks told again.
SELECT site.keep_crosschecks('desk');
GRANT USAGE ON SCHEMA desk TO vaguemestre_sla, vaguemestre_notify;
GRANT SELECT ON desk.outbox, desk.outbox_waiting TO vaguemestre_sla, vaguemestre_notify;
GRANT INSERT ON desk.outbox_waiting TO vaguemestre_sla, vaguemestre_notify;
