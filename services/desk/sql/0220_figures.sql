-- One function for every figure (docs/decisions/0078): kept of due, how far that can be believed, and what
-- stands beside it, with every total. Pages, files, dashboards and closed months ask here or at desk.rates,
-- from which it reads.

-- Wilson's interval at 95 %, as services/desk/domain/wilson.py has it; of nothing, the whole of it.
CREATE FUNCTION desk.wilson(k bigint, n bigint, OUT low float8, OUT high float8)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $wilson$
    SELECT coalesce(greatest(0, middle - half), 0), coalesce(least(1, middle + half), 1)
    FROM (SELECT 1.959963984540054::float8 AS z, nullif(n, 0)::float8 AS of_n) AS given,
         LATERAL (SELECT k / of_n AS rate, z * z AS square) AS rates,
         LATERAL (SELECT (rate + square / (2 * of_n)) / (1 + square / of_n) AS middle,
                         z * sqrt(rate * (1 - rate) / of_n + square / (4 * of_n * of_n))
                             / (1 + square / of_n) AS half) AS ends
$wilson$;

-- Of what was received from one month to another, by code, service, channel and month: a null service,
-- channel or month is all of them; what counts nothing has no row. `codes`, `services`, `channels`: only these. `as_closed`: closed months
-- as they were closed, by the definition of each, and no other month. Months are told by their first day.
--
-- A code is that of a promise (domain/codes.py), and beside these: `reclamation`, replies to complaints;
-- `repondu`, replies by the month in which they left; `hors-perimetre`, k outside of n received. The last two
-- are of today alone.
CREATE FUNCTION desk.figures(first date, last date, codes text[] DEFAULT NULL, services text[] DEFAULT NULL,
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

-- How many jours ouvrés replies took to what was received in these months, exact: median and ninth decile by
-- service and channel, null for all. Raw: the time that pieces were waited for is not taken off.
CREATE FUNCTION desk.delays(first date, last date, services text[] DEFAULT NULL, channels text[] DEFAULT NULL)
RETURNS TABLE (service text, channel text, n bigint, median integer, ninth_decile integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $delays$
    SELECT p.service, p.channel, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY p.days),
           percentile_disc(0.9) WITHIN GROUP (ORDER BY p.days)
    FROM desk.promises p, generate_series(1, p.n)
    WHERE p.clock = 'reply' AND p.days >= 0 AND p.month BETWEEN first AND last
      AND p.result IN ('kept', 'late')
      AND (services IS NULL OR p.service = ANY (services))
      AND (channels IS NULL OR p.channel = ANY (channels))
    GROUP BY CUBE (p.service, p.channel) HAVING count(*) > 0
$delays$;

REVOKE ALL ON FUNCTION desk.figures, desk.delays FROM public;
GRANT EXECUTE ON FUNCTION desk.figures, desk.delays, desk.wilson TO vaguemestre_grafana;
