-- Who hears the clocks compares them with what it knows, and has what it lacks told again.
SELECT site.keep_crosschecks('sla');
GRANT USAGE ON SCHEMA sla TO vaguemestre_desk, vaguemestre_notify;
GRANT SELECT ON sla.outbox, sla.outbox_waiting TO vaguemestre_desk, vaguemestre_notify;
GRANT INSERT ON sla.outbox_waiting TO vaguemestre_desk, vaguemestre_notify;
