-- How what was received in these months (first days, both included) went through the house (docs/decisions/0082), by
-- service and channel with every total: a null service or channel is all of them. Of what is in the perimeter.
-- `lag`: days from receipt to registration; `reassigned`: given to another service after it was qualified;
-- `net`: jours ouvrés of replies without the time that pieces were waited for; proofs: of the reply that counts.
CREATE FUNCTION desk.passages(first date, last date, services text[] DEFAULT NULL, channels text[] DEFAULT NULL)
RETURNS TABLE (service text, channel text, n bigint, reassigned bigint, same_day bigint, next_day bigint,
               within_week bigint, later bigint, lag_median integer, lag_ninth_decile integer, net_n bigint,
               net_median integer, net_ninth_decile integer, delivered bigint, seen bigint, scanned bigint,
               keyed bigint, declared bigint)
LANGUAGE sql STABLE AS $passages$
    WITH zone AS MATERIALIZED (
        SELECT bundle #>> '{identity,timezone}' AS name FROM site.versions ORDER BY version DESC LIMIT 1
    ), mine AS MATERIALIZED (
        SELECT i.item_id, i.service, i.channel,
               greatest(0, (i.registered_at AT TIME ZONE (SELECT name FROM zone))::date - i.received_on) AS lag
        FROM desk.items i
        WHERE i.received_on >= first AND i.received_on < (last + interval '1 month')::date
          AND i.perimeter AND i.state <> 'merged'
          AND (services IS NULL OR i.service = ANY (services))
          AND (channels IS NULL OR i.channel = ANY (channels))
    ), stated AS MATERIALIZED (
        SELECT f.item_id, f.event_id, f.seq, f.type, f.happened_at, f.payload::jsonb AS said
        FROM mine JOIN desk.facts f USING (item_id)
        WHERE f.type IN ('ItemRegistered', 'ItemAssigned', 'WaitEnded', 'ReplySent', 'FactWithdrawn')
    ), standing AS MATERIALIZED (
        SELECT s.* FROM stated s
        WHERE s.type <> 'FactWithdrawn' AND (s.item_id, s.event_id::text) NOT IN (
            SELECT w.item_id, w.said ->> 'fact' FROM stated w
            WHERE w.type = 'FactWithdrawn' AND w.said ->> 'fact_type' IN ('ItemAssigned', 'ReplySent'))
    ), held AS (
        SELECT s.item_id, s.seq, s.said ->> 'service' AS service,
               lag(s.said ->> 'service') OVER (PARTITION BY s.item_id ORDER BY s.seq) AS before
        FROM standing s WHERE s.type IN ('ItemRegistered', 'ItemAssigned')
    ), qualified AS (
        SELECT s.item_id, min(s.seq) AS seq FROM standing s
        WHERE s.type = 'ItemRegistered' AND s.said ->> 'qualified' = 'true'
           OR s.type = 'WaitEnded' AND s.said ->> 'waiting' = 'to_qualify'
        GROUP BY s.item_id
    ), moved AS (
        SELECT DISTINCT h.item_id FROM held h JOIN qualified q USING (item_id)
        WHERE h.seq > q.seq AND h.before IS NOT NULL AND h.service <> h.before
    ), proven AS (
        SELECT DISTINCT ON (s.item_id) s.item_id, s.said ->> 'proof' AS proof
        FROM standing s WHERE s.type = 'ReplySent'
        ORDER BY s.item_id, s.happened_at, s.seq
    )
    SELECT m.service, m.channel, count(*), count(*) FILTER (WHERE moved.item_id IS NOT NULL),
           count(*) FILTER (WHERE m.lag = 0), count(*) FILTER (WHERE m.lag = 1),
           count(*) FILTER (WHERE m.lag BETWEEN 2 AND 7), count(*) FILTER (WHERE m.lag > 7),
           percentile_disc(0.5) WITHIN GROUP (ORDER BY m.lag),
           percentile_disc(0.9) WITHIN GROUP (ORDER BY m.lag),
           count(c.net), percentile_disc(0.5) WITHIN GROUP (ORDER BY c.net),
           percentile_disc(0.9) WITHIN GROUP (ORDER BY c.net),
           count(*) FILTER (WHERE p.proof = 'delivered'), count(*) FILTER (WHERE p.proof = 'seen'),
           count(*) FILTER (WHERE p.proof = 'scanned'), count(*) FILTER (WHERE p.proof = 'keyed'),
           count(*) FILTER (WHERE p.proof = 'declared')
    FROM mine m LEFT JOIN moved USING (item_id) LEFT JOIN proven p USING (item_id)
    LEFT JOIN desk.clocks c ON c.item_id = m.item_id AND c.clock = 'reply' AND c.outcome IN ('kept', 'late')
    GROUP BY CUBE (m.service, m.channel)
    HAVING count(*) > 0
$passages$;
REVOKE ALL ON FUNCTION desk.passages FROM public;
