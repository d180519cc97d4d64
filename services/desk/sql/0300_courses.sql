-- How letters went through the house is told by the one function of figures too (docs/decisions/0101), from the same
-- rows as the report *Cheminement*: what an officer reads on its page, its file and a dashboard is one count.

-- What was received in these months (first days, both included) in the perimeter, an item each: `lag`, days from
-- receipt to registration; `reassigned`, given to another service after it was qualified; `proof` of the reply that
-- counts, null without one; `net` and `raw`, jours ouvrés of a reply that is judged, without the time that pieces were
-- waited for and with it.
CREATE FUNCTION desk.courses(first date, last date, services text[] DEFAULT NULL, channels text[] DEFAULT NULL)
RETURNS TABLE (item_id uuid, service text, channel text, month date, lag integer, reassigned boolean, proof text,
               net integer, raw integer)
LANGUAGE sql STABLE AS $courses$
    WITH zone AS MATERIALIZED (
        SELECT bundle #>> '{identity,timezone}' AS name FROM site.versions ORDER BY version DESC LIMIT 1
    ), mine AS MATERIALIZED (
        SELECT i.item_id, i.seq, i.service, i.channel, date_trunc('month', i.received_on)::date AS month,
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
        FROM (SELECT array_agg(k.item_id) AS ids FROM kept k WHERE NOT k.known) AS stale,
             LATERAL desk.histories_of(stale.ids) AS found
    )
    SELECT m.item_id, m.service, m.channel, m.month, m.lag, coalesce(h.reassigned, false), h.proof, c.net, c.raw
    FROM mine m LEFT JOIN histories h USING (item_id)
    LEFT JOIN desk.clocks c ON c.item_id = m.item_id AND c.clock = 'reply' AND c.outcome IN ('kept', 'late')
$courses$;
REVOKE ALL ON FUNCTION desk.courses FROM public;

-- As 0273, figure for figure, from these rows.
CREATE OR REPLACE FUNCTION desk.passages(first date, last date, services text[] DEFAULT NULL,
                                         channels text[] DEFAULT NULL)
RETURNS TABLE (service text, channel text, n bigint, reassigned bigint, same_day bigint, next_day bigint,
               within_week bigint, later bigint, lag_median integer, lag_ninth_decile integer, net_n bigint,
               net_median integer, net_ninth_decile integer, delivered bigint, seen bigint, scanned bigint,
               keyed bigint, declared bigint)
LANGUAGE sql STABLE AS $passages$
    SELECT c.service, c.channel, count(*), count(*) FILTER (WHERE c.reassigned),
           count(*) FILTER (WHERE c.lag = 0), count(*) FILTER (WHERE c.lag = 1),
           count(*) FILTER (WHERE c.lag BETWEEN 2 AND 7), count(*) FILTER (WHERE c.lag > 7),
           percentile_disc(0.5) WITHIN GROUP (ORDER BY c.lag),
           percentile_disc(0.9) WITHIN GROUP (ORDER BY c.lag),
           count(c.net), percentile_disc(0.5) WITHIN GROUP (ORDER BY c.net),
           percentile_disc(0.9) WITHIN GROUP (ORDER BY c.net),
           count(*) FILTER (WHERE c.proof = 'delivered'), count(*) FILTER (WHERE c.proof = 'seen'),
           count(*) FILTER (WHERE c.proof = 'scanned'), count(*) FILTER (WHERE c.proof = 'keyed'),
           count(*) FILTER (WHERE c.proof = 'declared')
    FROM desk.courses(first, last, services, channels) AS c
    GROUP BY CUBE (c.service, c.channel)
    HAVING count(*) > 0
$passages$;

-- As 0220, and where they are named, five codes of today alone, of what was received in the perimeter:
-- `enregistre-le-jour`, registered on the day of receipt; `reattribue`, given to another service once sorted;
-- `delai-deduit`, replies from whose delay the wait for pieces is deducted; `preuve`, replies that a message, a
-- server or a scan proves, of all; `grille`, replies composed of an approved letter, which passed the form check.
-- They read items, so that nobody pays for them who asks for all codes.
CREATE OR REPLACE FUNCTION desk.figures(first date, last date, codes text[] DEFAULT NULL, services text[] DEFAULT NULL,
                             channels text[] DEFAULT NULL, as_closed boolean DEFAULT false)
RETURNS TABLE (code text, service text, channel text, month date, k bigint, n bigint, low float8, high float8,
               late bigint, overdue bigint, unanswered bigint, open bigint, observed bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $figures$
    WITH promises AS (
        SELECT r.clock, r.complaint, r.service, r.channel, r.month, r.kept::bigint AS k, r.due::bigint AS n,
               r.late::bigint AS late, r.overdue::bigint AS overdue, r.closed::bigint AS unanswered,
               r.open::bigint AS open, r.observed::bigint AS observed
        FROM desk.rates r WHERE NOT as_closed AND r.month BETWEEN first AND last
        UNION ALL
        SELECT c.clock, c.complaint, c.service, c.channel, c.month,
               sum(c.n) FILTER (WHERE c.result = 'kept'),
               sum(c.n) FILTER (WHERE c.result IN ('kept', 'late', 'overdue')
                                   OR c.result = 'closed' AND m.definition > 1),
               sum(c.n) FILTER (WHERE c.result = 'late'), sum(c.n) FILTER (WHERE c.result = 'overdue'),
               sum(c.n) FILTER (WHERE c.result = 'closed'), sum(c.n) FILTER (WHERE c.result = 'open'),
               sum(c.n) FILTER (WHERE c.result = 'observed')
        FROM desk.closed_promises_counts c JOIN desk.closed_months m USING (month)
        WHERE as_closed AND c.month BETWEEN first AND last
        GROUP BY c.clock, c.complaint, c.service, c.channel, c.month
    ), cells AS (
        SELECT named.code, p.service, p.channel, p.month, p.k, p.n, p.late, p.overdue, p.unanswered, p.open,
               p.observed
        FROM promises p
        JOIN (VALUES ('enregistrement', 'registration', false), ('accuse-automatique', 'receipt', false),
                     ('services-publics-plus', 'services_publics', false),
                     ('accuse-de-reception', 'acknowledgement', false), ('reponse', 'reply', false),
                     ('reclamation', 'reply', true), ('decision-implicite', 'implied_decision', false),
                     ('date-annoncee', 'holding', false), ('pieces', 'pieces', false),
                     ('transmission', 'transmission', false)) AS named (code, clock, of_complaints)
             ON named.clock = p.clock AND (p.complaint OR NOT named.of_complaints)
        UNION ALL
        SELECT 'hors-perimetre', r.service, r.channel, r.month, sum(r.n) FILTER (WHERE NOT r.perimeter),
               sum(r.n), 0, 0, 0, 0, 0
        FROM desk.received r
        WHERE NOT as_closed AND r.month BETWEEN first AND last AND r.state <> 'merged'
          AND (codes IS NULL OR 'hors-perimetre' = ANY (codes))
        GROUP BY r.service, r.channel, r.month
        UNION ALL
        SELECT 'repondu', i.service, i.channel,
               date_trunc('month', ended.stopped_at AT TIME ZONE ended.zone)::date,
               count(*) FILTER (WHERE i.result = 'kept'), count(*),
               count(*) FILTER (WHERE i.result = 'late'), 0, 0, 0, 0
        FROM (SELECT c.item_id, c.clock, c.stopped_at, zone
              FROM (SELECT bundle #>> '{identity,timezone}' AS zone FROM site.versions
                    ORDER BY version DESC LIMIT 1) AS here, desk.clocks c
              WHERE NOT as_closed AND (codes IS NULL OR 'repondu' = ANY (codes))
                AND c.clock = 'reply' AND c.outcome IN ('kept', 'late')
                AND c.stopped_at >= date_trunc('month', first::timestamp) AT TIME ZONE zone
                AND c.stopped_at < (date_trunc('month', last::timestamp) + interval '1 month')
                                   AT TIME ZONE zone) AS ended
        JOIN desk.indicators i USING (item_id, clock)
        WHERE i.result IN ('kept', 'late')
        GROUP BY 2, 3, 4
        UNION ALL
        SELECT said.code, c.service, c.channel, c.month, count(*) FILTER (WHERE said.holds), count(*), 0, 0, 0, 0, 0
        FROM desk.courses(first, last, services, channels) AS c,
             LATERAL (VALUES ('enregistre-le-jour', true, c.lag = 0), ('reattribue', true, c.reassigned),
                             ('delai-deduit', c.net IS NOT NULL, c.net < c.raw),
                             ('preuve', c.proof IS NOT NULL, c.proof IN ('delivered', 'seen', 'scanned')))
                 AS said (code, counts, holds)
        WHERE NOT as_closed
          AND codes && '{enregistre-le-jour,reattribue,delai-deduit,preuve}'::text[]
          AND said.counts AND said.code = ANY (codes)
        GROUP BY said.code, c.service, c.channel, c.month
        UNION ALL
        SELECT 'grille', c.service, c.channel, c.month,
               count(*) FILTER (WHERE EXISTS (
                   SELECT FROM desk.facts f
                   WHERE f.item_id = c.item_id AND f.type = 'ReplySent'
                     AND f.payload::json ->> 'template' IS NOT NULL
                     AND NOT EXISTS (SELECT FROM desk.facts w
                                     WHERE w.item_id = f.item_id AND w.type = 'FactWithdrawn'
                                       AND w.payload::json ->> 'fact' = f.event_id::text))),
               count(*), 0, 0, 0, 0, 0
        FROM desk.courses(first, last, services, channels) AS c
        WHERE NOT as_closed AND 'grille' = ANY (codes) AND c.proof IS NOT NULL
        GROUP BY c.service, c.channel, c.month
    ), sums AS (
        SELECT c.code, c.service, c.channel, c.month, coalesce(sum(c.k), 0)::bigint AS k,
               coalesce(sum(c.n), 0)::bigint AS n, coalesce(sum(c.late), 0)::bigint AS late,
               coalesce(sum(c.overdue), 0)::bigint AS overdue,
               coalesce(sum(c.unanswered), 0)::bigint AS unanswered,
               coalesce(sum(c.open), 0)::bigint AS open, coalesce(sum(c.observed), 0)::bigint AS observed
        FROM cells c
        WHERE (codes IS NULL OR c.code = ANY (codes)) AND (services IS NULL OR c.service = ANY (services))
          AND (channels IS NULL OR c.channel = ANY (channels))
        GROUP BY c.code, CUBE (c.service, c.channel, c.month)
        HAVING coalesce(sum(c.n), 0) + coalesce(sum(c.unanswered), 0) + coalesce(sum(c.open), 0)
            + coalesce(sum(c.observed), 0) > 0
    )
    SELECT s.code, s.service, s.channel, s.month, s.k, s.n, w.low, w.high, s.late, s.overdue, s.unanswered,
           s.open, s.observed
    FROM sums s, desk.wilson(s.k, s.n) AS w
$figures$;
