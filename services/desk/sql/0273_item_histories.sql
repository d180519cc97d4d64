-- What the report *Cheminement* of a year reads of each item's facts, kept beside it: was it given to another service
-- after it was qualified, and what proves its reply. A row counts as long as its `seq` is that of the item, whose facts
-- are never changed: it is then what those facts give, and the report reads the facts of the few items that moved since.
-- desk.keep_histories fills it (`desk keep`); emptied, the report says the same and takes longer. A register of a
-- million items is filled in some minutes, twenty thousand at a time.
CREATE TABLE desk.item_histories (
    item_id    uuid PRIMARY KEY,
    seq        integer NOT NULL,         -- of the item when it was read
    reassigned boolean NOT NULL,
    proof      text                      -- of the reply that counts
);

-- The same, read from the facts: one row for each of these items.
CREATE FUNCTION desk.histories_of(ids uuid[]) RETURNS SETOF desk.item_histories
LANGUAGE sql STABLE AS $histories$
    WITH stated AS MATERIALIZED (
        SELECT f.item_id, f.event_id, f.seq, f.type, f.happened_at, said.service, said.proof,
               f.type = 'ItemRegistered' AND said.qualified = 'true' OR said.waiting = 'to_qualify' AS qualifies,
               said.fact, said.fact_type
        FROM unnest(ids) AS asked (item_id) JOIN desk.facts f USING (item_id),
             LATERAL json_to_record(f.payload::json)
                 AS said (service text, qualified text, waiting text, proof text, fact text, fact_type text)
        WHERE f.type IN ('ItemRegistered', 'ItemAssigned', 'WaitEnded', 'ReplySent', 'FactWithdrawn')
    ), standing AS MATERIALIZED (
        SELECT s.* FROM stated s
        WHERE s.type <> 'FactWithdrawn' AND NOT EXISTS (
            SELECT FROM stated w
            WHERE w.item_id = s.item_id AND w.type = 'FactWithdrawn' AND w.fact = s.event_id::text
              AND w.fact_type = s.type AND w.fact_type IN ('ItemAssigned', 'ReplySent'))
    ), held AS (
        SELECT s.item_id, s.seq, s.service,
               lag(s.service) OVER (PARTITION BY s.item_id ORDER BY s.seq) AS before
        FROM standing s WHERE s.type IN ('ItemRegistered', 'ItemAssigned')
    ), qualified AS (
        SELECT s.item_id, min(s.seq) AS seq FROM standing s
        WHERE s.type IN ('ItemRegistered', 'WaitEnded') AND s.qualifies GROUP BY s.item_id
    ), moved AS (
        SELECT DISTINCT h.item_id FROM held h JOIN qualified q USING (item_id)
        WHERE h.seq > q.seq AND h.before IS NOT NULL AND h.service <> h.before
    ), proven AS (
        SELECT DISTINCT ON (s.item_id) s.item_id, s.proof
        FROM standing s WHERE s.type = 'ReplySent' ORDER BY s.item_id, s.happened_at, s.seq
    )
    SELECT i.item_id, i.seq, moved.item_id IS NOT NULL, proven.proof
    FROM unnest(ids) AS asked (item_id) JOIN desk.items i USING (item_id)
    LEFT JOIN moved USING (item_id) LEFT JOIN proven USING (item_id)
$histories$;

-- Keeps the histories of at most so many items that have none of today; how many it kept.
CREATE FUNCTION desk.keep_histories(most integer) RETURNS bigint
LANGUAGE sql AS $keep$
    WITH stale AS MATERIALIZED (
        SELECT array_agg(missing.item_id) AS ids FROM (
            SELECT i.item_id FROM desk.items i
            LEFT JOIN desk.item_histories h ON h.item_id = i.item_id AND h.seq = i.seq
            WHERE h.item_id IS NULL LIMIT most) AS missing
    ), kept AS (
        INSERT INTO desk.item_histories
        SELECT found.* FROM stale, LATERAL desk.histories_of(stale.ids) AS found
        ON CONFLICT (item_id) DO UPDATE SET
            seq = excluded.seq, reassigned = excluded.reassigned, proof = excluded.proof
        WHERE item_histories.seq < excluded.seq
        RETURNING 1
    )
    SELECT count(*) FROM kept
$keep$;

-- As 0225 otherwise, figure for figure.
CREATE OR REPLACE FUNCTION desk.passages(first date, last date, services text[] DEFAULT NULL,
                                         channels text[] DEFAULT NULL)
RETURNS TABLE (service text, channel text, n bigint, reassigned bigint, same_day bigint, next_day bigint,
               within_week bigint, later bigint, lag_median integer, lag_ninth_decile integer, net_n bigint,
               net_median integer, net_ninth_decile integer, delivered bigint, seen bigint, scanned bigint,
               keyed bigint, declared bigint)
LANGUAGE sql STABLE AS $passages$
    WITH zone AS MATERIALIZED (
        SELECT bundle #>> '{identity,timezone}' AS name FROM site.versions ORDER BY version DESC LIMIT 1
    ), mine AS MATERIALIZED (
        SELECT i.item_id, i.seq, i.service, i.channel,
               greatest(0, (i.registered_at AT TIME ZONE (SELECT name FROM zone))::date - i.received_on) AS lag
        FROM desk.items i
        WHERE i.received_on >= first AND i.received_on < (last + interval '1 month')::date
          AND i.perimeter AND i.state <> 'merged'
          AND (services IS NULL OR i.service = ANY (services))
          AND (channels IS NULL OR i.channel = ANY (channels))
    ), kept AS MATERIALIZED (
        SELECT m.item_id, h.item_id IS NOT NULL AS known, h.reassigned, h.proof
        FROM mine m LEFT JOIN desk.item_histories h ON h.item_id = m.item_id AND h.seq = m.seq
    ), histories AS (
        SELECT k.item_id, k.reassigned, k.proof FROM kept k WHERE k.known
        UNION ALL
        SELECT found.item_id, found.reassigned, found.proof
        FROM (SELECT array_agg(item_id) AS ids FROM kept WHERE NOT known) AS stale,
             LATERAL desk.histories_of(stale.ids) AS found
    )
    SELECT m.service, m.channel, count(*), count(*) FILTER (WHERE h.reassigned),
           count(*) FILTER (WHERE m.lag = 0), count(*) FILTER (WHERE m.lag = 1),
           count(*) FILTER (WHERE m.lag BETWEEN 2 AND 7), count(*) FILTER (WHERE m.lag > 7),
           percentile_disc(0.5) WITHIN GROUP (ORDER BY m.lag),
           percentile_disc(0.9) WITHIN GROUP (ORDER BY m.lag),
           count(c.net), percentile_disc(0.5) WITHIN GROUP (ORDER BY c.net),
           percentile_disc(0.9) WITHIN GROUP (ORDER BY c.net),
           count(*) FILTER (WHERE h.proof = 'delivered'), count(*) FILTER (WHERE h.proof = 'seen'),
           count(*) FILTER (WHERE h.proof = 'scanned'), count(*) FILTER (WHERE h.proof = 'keyed'),
           count(*) FILTER (WHERE h.proof = 'declared')
    FROM mine m LEFT JOIN histories h USING (item_id)
    LEFT JOIN desk.clocks c ON c.item_id = m.item_id AND c.clock = 'reply' AND c.outcome IN ('kept', 'late')
    GROUP BY CUBE (m.service, m.channel)
    HAVING count(*) > 0
$passages$;
REVOKE ALL ON FUNCTION desk.histories_of, desk.keep_histories FROM public;
