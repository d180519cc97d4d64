-- Rows of the running clocks are written under the lock of their item's row, and by nothing else: that the item is
-- there was looked up for each of them, a quarter of what they cost (docs/decisions/0214). Where items go, they go.
-- The tables in the order in which each step locks them: the version before may be at work, and dropping the key
-- would lock them the other way round.
-- waits: milliseconds, nothing is read or written anew, and the runner gives up after its lock_timeout
LOCK TABLE sla.items, sla.running IN ACCESS EXCLUSIVE MODE;
ALTER TABLE sla.running DROP CONSTRAINT running_item_id_fkey;
CREATE FUNCTION sla.forget_running() RETURNS trigger LANGUAGE plpgsql AS $forget$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM sla.running WHERE item_id IN (SELECT item_id FROM gone);
    ELSE
        DELETE FROM sla.running;
    END IF;
    RETURN NULL;
END
$forget$;
CREATE TRIGGER forget_running AFTER DELETE ON sla.items REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION sla.forget_running();
CREATE TRIGGER forget_all_running AFTER TRUNCATE ON sla.items
    FOR EACH STATEMENT EXECUTE FUNCTION sla.forget_running();
