-- What was answered in a span of local days, by clock: sums only, for the weekly page (ADR 0027). It counts
-- by the day of the answer what desk.rates counts by the month of receipt, both from desk.indicators.
CREATE INDEX clocks_answered ON desk.clocks (stopped_at) WHERE outcome IN ('kept', 'late');

CREATE FUNCTION desk.answered(first date, last date) RETURNS TABLE (clock text, kept integer, n integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $answered$
    WITH zone AS (
        SELECT bundle #>> '{identity,timezone}' AS name FROM site.versions ORDER BY version DESC LIMIT 1
    ), ended AS (
        SELECT item_id, clock FROM desk.clocks
        WHERE outcome IN ('kept', 'late')
          AND stopped_at >= first::timestamp AT TIME ZONE (SELECT name FROM zone)
          AND stopped_at < (last + 1)::timestamp AT TIME ZONE (SELECT name FROM zone)
    )
    SELECT i.clock, (count(*) FILTER (WHERE i.result = 'kept'))::integer, count(*)::integer
    FROM ended JOIN desk.indicators i USING (item_id, clock)
    WHERE i.result IN ('kept', 'late') GROUP BY i.clock
$answered$;
REVOKE ALL ON FUNCTION desk.answered FROM public;
