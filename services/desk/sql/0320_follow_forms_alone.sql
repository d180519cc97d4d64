-- Most of what is registered is no form: of such arrivals nothing is followed, and the register's batches paid a
-- fifth of their time for being asked about each. Who is followed, in what order rows are locked and what is said
-- stay what 0202 says. A session keeps the plan that it made while the tables were small: it must not read them whole.
CREATE OR REPLACE FUNCTION portal.follow_arrivals() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $follow$
BEGIN
    IF NOT EXISTS (SELECT FROM after AS one WHERE one.source = 'spool' AND one.channel = 'form') THEN
        RETURN NULL;
    END IF;
    INSERT INTO portal.followed (arrival_id, state, chrono, service, missing, recorded_at)
    SELECT now.arrival_id, now.state, now.chrono, now.service, now.missing, now.recorded_at
    FROM after JOIN portal.following AS now USING (arrival_id) ORDER BY 1
    ON CONFLICT (arrival_id) DO NOTHING;
    PERFORM FROM portal.followed WHERE arrival_id IN (SELECT one.arrival_id FROM after AS one)
    ORDER BY arrival_id FOR UPDATE;
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
SECURITY DEFINER SET search_path = pg_catalog
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $follow$
BEGIN
    -- OFFSET 0: it is asked of each item by the index, and never of all arrivals.
    IF NOT EXISTS (SELECT FROM after, LATERAL (
            SELECT FROM desk.arrivals AS one
            WHERE one.item_id = after.item_id AND one.source = 'spool' AND one.channel = 'form'
            OFFSET 0) AS form) THEN
        RETURN NULL;  -- no form opened or joined any of them
    END IF;
    PERFORM FROM portal.followed WHERE arrival_id IN (
        SELECT one.arrival_id FROM after JOIN portal.following AS one USING (item_id))
    ORDER BY arrival_id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;  -- they are forgotten
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
