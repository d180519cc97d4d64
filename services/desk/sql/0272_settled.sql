-- How replies ended in a span of local days (both included), by service with the total (a null service is all): what
-- the weekly page says of its week (docs/decisions/0091). A promise counts in the week in which it ended: answered, or
-- closed without reply; and in the week in which its limit passed, when nothing had ended it by that week's end.
-- Weeks are not added up: a reply that leaves a week after its limit is told in both.
CREATE FUNCTION desk.settled(first date, last date, services text[] DEFAULT NULL)
RETURNS TABLE (service text, k bigint, n bigint, low float8, high float8, late bigint, overdue bigint,
               unanswered bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $settled$
    WITH here AS MATERIALIZED (
        SELECT first::timestamp AT TIME ZONE zone AS since, (last + 1)::timestamp AT TIME ZONE zone AS until,
               desk.today() AS today
        FROM (SELECT bundle #>> '{identity,timezone}' AS zone FROM site.versions
              ORDER BY version DESC LIMIT 1) AS site
    ), asked AS (
        SELECT c.item_id, c.outcome, c.stopped_at < here.until AS ended, c.limit_day
        FROM here, desk.clocks c
        WHERE c.clock = 'reply' AND (
            c.stopped_at >= here.since AND c.stopped_at < here.until
            OR c.limit_day BETWEEN first AND last AND c.limit_day < here.today
               AND (c.stopped_at IS NULL OR c.stopped_at >= here.until))
    ), judged AS (
        SELECT i.service,
               CASE WHEN NOT i.perimeter OR i.state = 'merged' THEN 'excluded'
                    WHEN coalesce(a.ended, false) THEN
                        CASE WHEN a.outcome IN ('kept', 'late') THEN a.outcome
                             WHEN a.outcome = 'closed' THEN 'unanswered' ELSE 'excluded' END
                    WHEN a.outcome IS NULL AND i.state = 'observed' THEN 'excluded'
                    WHEN a.outcome IS NULL OR a.outcome IN ('late', 'closed') THEN 'overdue'
                    ELSE 'excluded' END AS result
        FROM asked a JOIN desk.items i USING (item_id)
        WHERE services IS NULL OR i.service = ANY (services)
    ), sums AS (
        SELECT j.service, count(*) FILTER (WHERE j.result = 'kept') AS k, count(*) AS n,
               count(*) FILTER (WHERE j.result = 'late') AS late,
               count(*) FILTER (WHERE j.result = 'overdue') AS overdue,
               count(*) FILTER (WHERE j.result = 'unanswered') AS unanswered
        FROM judged j WHERE j.result <> 'excluded' GROUP BY CUBE (j.service)
        HAVING count(*) > 0
    )
    SELECT s.service, s.k, s.n, w.low, w.high, s.late, s.overdue, s.unanswered
    FROM sums s, desk.wilson(s.k, s.n) AS w
$settled$;
REVOKE ALL ON FUNCTION desk.settled FROM public;
