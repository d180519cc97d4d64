-- Wilson's interval with exact ends where all or none were kept, as domain/wilson.py has it: floats miss them by
-- a hair, and a target of all would never be reached.
CREATE OR REPLACE FUNCTION desk.wilson(k bigint, n bigint, OUT low float8, OUT high float8)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $wilson$
    SELECT CASE WHEN k = 0 OR n = 0 THEN 0 ELSE greatest(0, middle - half) END,
           CASE WHEN k = n OR n = 0 THEN 1 ELSE least(1, middle + half) END
    FROM (SELECT 1.959963984540054::float8 AS z, nullif(n, 0)::float8 AS of_n) AS given,
         LATERAL (SELECT k / of_n AS rate, z * z AS square) AS rates,
         LATERAL (SELECT (rate + square / (2 * of_n)) / (1 + square / of_n) AS middle,
                         z * sqrt(rate * (1 - rate) / of_n + square / (4 * of_n * of_n))
                             / (1 + square / of_n) AS half) AS ends
$wilson$;

-- The promises of these months (first days, both included) as they stand now, by indexes: desk.judged asks every
-- clock of every year for its month.
CREATE INDEX clocks_day_zero ON desk.clocks (day_zero);
CREATE INDEX items_received_on ON desk.items (received_on);
CREATE FUNCTION desk.judged_in(first date, last date) RETURNS SETOF desk.judged
LANGUAGE sql STABLE AS $judged$
    SELECT j.* FROM desk.judged j
    WHERE j.month BETWEEN first AND last AND j.item_id IN (
        SELECT c.item_id FROM desk.clocks c
        WHERE c.day_zero >= first AND c.day_zero < (last + interval '1 month')::date
        UNION
        SELECT i.item_id FROM desk.items i JOIN desk.clocks c USING (item_id)
        WHERE i.received_on >= first AND i.received_on < (last + interval '1 month')::date
          AND c.day_zero IS NULL)
$judged$;
REVOKE ALL ON FUNCTION desk.judged_in FROM public;
