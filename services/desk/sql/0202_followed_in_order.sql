-- What the portal shows stays true whatever ends an item, and whoever writes it waits in one order.

-- A reply that left is shown for good: closing the item, or a letter that comes back, takes nothing back
-- (`answered_at` is that of the reply). Nobody follows any more what is closed or came back.
CREATE OR REPLACE VIEW portal.following AS
    SELECT a.arrival_id, a.item_id,
           CASE WHEN a.word IN ('quarantine', 'set_aside') THEN 'looked_at'
                WHEN i.item_id IS NULL THEN 'received'
                WHEN i.answered_at IS NOT NULL THEN 'answered'
                ELSE 'registered' END AS state,
           i.chrono,
           CASE WHEN i.perimeter AND i.confidentiality = 'normal'
                 AND i.state NOT IN ('to_qualify', 'merged', 'transferred', 'destroyed', 'closed', 'returned')
                THEN i.service END AS service,
           CASE WHEN i.state = 'awaiting_pieces' THEN 'pieces' END AS missing,
           a.recorded_at
    FROM desk.arrivals a LEFT JOIN desk.items i USING (item_id)
    WHERE a.source = 'spool' AND a.channel = 'form';

-- First the rows are there, then they are locked, in the order of their key; only then is looked at what they are
-- to say: who waited meanwhile sees what the other has committed.
CREATE OR REPLACE FUNCTION portal.follow_arrivals() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog SET enable_seqscan = off AS $follow$
BEGIN
    INSERT INTO portal.followed (arrival_id, state, chrono, service, missing, recorded_at)
    SELECT now.arrival_id, now.state, now.chrono, now.service, now.missing, now.recorded_at
    FROM after JOIN portal.following AS now USING (arrival_id) ORDER BY 1
    ON CONFLICT (arrival_id) DO NOTHING;
    PERFORM FROM portal.followed WHERE arrival_id IN (SELECT one.arrival_id FROM after AS one)
    ORDER BY arrival_id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;  -- no form
    END IF;
    UPDATE portal.followed AS kept
    SET state = now.state, chrono = now.chrono, service = now.service, missing = now.missing
    FROM (SELECT one.* FROM after JOIN portal.following AS one USING (arrival_id)) AS now
    WHERE kept.arrival_id = now.arrival_id
      AND (kept.state, kept.chrono, kept.service, kept.missing)
          IS DISTINCT FROM (now.state, now.chrono, now.service, now.missing);
    RETURN NULL;
END
$follow$;

CREATE OR REPLACE FUNCTION portal.follow_items() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog SET enable_seqscan = off AS $follow$
BEGIN
    PERFORM FROM portal.followed WHERE arrival_id IN (
        SELECT one.arrival_id FROM after JOIN portal.following AS one USING (item_id))
    ORDER BY arrival_id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;  -- no form opened or joined any of them
    END IF;
    UPDATE portal.followed AS kept
    SET state = now.state, chrono = now.chrono, service = now.service, missing = now.missing
    FROM (SELECT one.* FROM after JOIN portal.following AS one USING (item_id)) AS now
    WHERE kept.arrival_id = now.arrival_id
      AND (kept.state, kept.chrono, kept.service, kept.missing)
          IS DISTINCT FROM (now.state, now.chrono, now.service, now.missing);
    RETURN NULL;
END
$follow$;

-- What is followed no longer. A row that somebody writes just now is left for the next night: who forgets never
-- waits, and so never keeps anybody waiting for each other.
CREATE FUNCTION portal.forget(before timestamptz) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog AS $forget$
    DELETE FROM portal.deposits WHERE deposit IN (
        SELECT deposit FROM portal.deposits WHERE at < before ORDER BY deposit FOR UPDATE SKIP LOCKED);
    DELETE FROM portal.followed WHERE arrival_id IN (
        SELECT arrival_id FROM portal.followed WHERE recorded_at < before
        ORDER BY arrival_id FOR UPDATE SKIP LOCKED);
$forget$;
REVOKE ALL ON FUNCTION portal.forget FROM public;
GRANT EXECUTE ON FUNCTION portal.forget TO vaguemestre_desk;

-- The table of deposits kept what its roles had while it was the register's. They have the view of its old name.
REVOKE ALL ON portal.deposits, portal.followed FROM vaguemestre_desk, vaguemestre_web, vaguemestre_public;
GRANT SELECT ON portal.deposits, portal.followed TO vaguemestre_desk;

UPDATE portal.followed AS kept
SET state = now.state, chrono = now.chrono, service = now.service, missing = now.missing
FROM portal.following AS now
WHERE kept.arrival_id = now.arrival_id
  AND (kept.state, kept.chrono, kept.service, kept.missing)
      IS DISTINCT FROM (now.state, now.chrono, now.service, now.missing);
