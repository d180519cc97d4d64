-- The ticker sleeps until the next item is due: whoever changes when that is tells it, in the same transaction, so that
-- it need not look often (docs/decisions/0160). A word that is lost is found by its poll.
CREATE FUNCTION sla.tell_wake() RETURNS trigger LANGUAGE plpgsql AS $wake$
BEGIN
    PERFORM pg_notify('sla_wake', '');
    RETURN NULL;
END
$wake$;
CREATE TRIGGER tell_wake AFTER UPDATE OF wake_at ON sla.items
    FOR EACH STATEMENT EXECUTE FUNCTION sla.tell_wake();
