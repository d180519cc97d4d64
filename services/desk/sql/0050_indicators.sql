-- What every figure is made of: one definition, for pages, gauges, dashboards, closed months and exports.
--
-- desk.indicators says of each clock of each item how it counts; desk.promises is the same, counted, and
-- kept in the transaction that changes an item or a clock (ADR 0019).

-- The préfecture's calendar day of a moment.
CREATE FUNCTION desk.local_day(moment timestamptz) RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $day$
    SELECT (moment AT TIME ZONE (SELECT bundle #>> '{identity,timezone}' FROM site.versions
                                 ORDER BY version DESC LIMIT 1))::date
$day$;

-- The préfecture's day now, for a data source that can't be told one: in a demo, the story's.
CREATE FUNCTION desk.today() RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $today$
    SELECT desk.local_day(coalesce((SELECT moment FROM site.story), now()))
$today$;

-- kept, late; open (its limit says whether it is overdue); observed: an answer was seen and nobody has
-- confirmed it; closed: ended without answer before the limit; excluded: out of perimeter, merged,
-- another office's, or never due. What ends after the limit without answer is late: closing cures nothing.
CREATE FUNCTION desk.result_of(perimeter boolean, state text, outcome text, stopped_at timestamptz,
                               limit_day date)
RETURNS text LANGUAGE sql STABLE AS $result$
    SELECT CASE
        WHEN NOT perimeter OR state = 'merged' THEN 'excluded'
        WHEN outcome IS NULL THEN CASE state WHEN 'observed' THEN 'observed' ELSE 'open' END
        WHEN outcome IN ('kept', 'late') THEN outcome
        WHEN outcome = 'born' THEN 'late'
        WHEN outcome = 'closed' THEN
            CASE WHEN desk.local_day(stopped_at) > limit_day THEN 'late' ELSE 'closed' END
        ELSE 'excluded'
    END
$result$;

-- The text is one, whether it reads the tables (a view) or what a statement changed (the triggers).
DO $define$
DECLARE
    cell CONSTANT text := $cell$
        i.service, i.channel, i.nature = 'complaint' AS complaint, c.clock,
        date_trunc('month', coalesce(c.day_zero, i.received_on)::timestamp)::date AS month,
        desk.result_of(i.perimeter, i.state, c.outcome, c.stopped_at, c.limit_day) AS result,
        CASE WHEN c.outcome IS NULL THEN c.limit_day ELSE 'infinity' END AS open_until,
        CASE WHEN c.outcome IN ('kept', 'late') THEN coalesce(c.raw, -1) ELSE -1 END AS days
    $cell$;
    names CONSTANT text := 'service, channel, complaint, clock, month, result, open_until, days';
    -- A session keeps the plan that it made while the tables were small: it must not read them whole.
    -- Of an item, what its clocks' cells are made of: most statements change nothing of it.
    changed CONSTANT text := $changed$
        FROM before JOIN after USING (item_id)
        WHERE (before.service, before.nature = 'complaint', before.perimeter, before.received_on,
               before.state = 'merged', before.state = 'observed')
            <> (after.service, after.nature = 'complaint', after.perimeter, after.received_on,
                after.state = 'merged', after.state = 'observed')
    $changed$;
BEGIN
    EXECUTE format($sql$
        CREATE VIEW desk.indicators AS
        SELECT i.item_id, i.chrono, i.category, c.day_zero, c.limit_day, c.commitment, c.stopped_at,
               c.net, %s
        FROM desk.items i JOIN desk.clocks c USING (item_id)
    $sql$, cell);
    PERFORM site.make_counts('desk', 'indicators_counts', format('SELECT %s FROM desk.indicators', names));
    EXECUTE format($sql$
        CREATE FUNCTION desk.count_clocks() RETURNS trigger LANGUAGE plpgsql
        SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $count$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO desk.indicators_counts
                SELECT %2$s, count(*) FROM (
                    SELECT %1$s FROM after c JOIN desk.items i USING (item_id)) AS cells
                GROUP BY %2$s;
            ELSIF TG_OP = 'DELETE' THEN
                INSERT INTO desk.indicators_counts
                SELECT %2$s, -count(*) FROM (
                    SELECT %1$s FROM before c JOIN desk.items i USING (item_id)) AS cells
                GROUP BY %2$s;
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO desk.indicators_counts
                SELECT %2$s, sum(one) FROM (
                    SELECT %1$s, 1 AS one FROM after c JOIN desk.items i USING (item_id)
                    UNION ALL
                    SELECT %1$s, -1 FROM before c JOIN desk.items i USING (item_id)) AS changes
                GROUP BY %2$s HAVING sum(one) <> 0;
            ELSE
                TRUNCATE desk.indicators_counts;
            END IF;
            RETURN NULL;
        END
        $count$
    $sql$, cell, names);
    EXECUTE format($sql$
        CREATE FUNCTION desk.count_items_of_clocks() RETURNS trigger LANGUAGE plpgsql
        SET enable_seqscan = off AS $count$
        BEGIN
            IF EXISTS (SELECT %3$s) THEN
                INSERT INTO desk.indicators_counts
                SELECT %2$s, sum(one) FROM (
                    SELECT %1$s, 1 AS one FROM (SELECT after.* %3$s) AS i
                        JOIN desk.clocks c USING (item_id)
                    UNION ALL
                    SELECT %1$s, -1 FROM (SELECT before.* %3$s) AS i
                        JOIN desk.clocks c USING (item_id)) AS changes
                GROUP BY %2$s HAVING sum(one) <> 0;
            END IF;
            RETURN NULL;
        END
        $count$
    $sql$, cell, names, changed);
END
$define$;

-- Gauges ask for the last months only.
CREATE INDEX indicators_counts_month ON desk.indicators_counts (month);

SELECT site.count_changes('desk', 'clocks', 'count_clocks');
CREATE TRIGGER count_items_of_clocks AFTER UPDATE ON desk.items
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION desk.count_items_of_clocks();

SELECT site.keep_counts('desk', 'items', $cell$service, channel, state, perimeter,
    nature = 'complaint' AS complaint,
    date_trunc('month', received_on::timestamp)::date AS month$cell$);
SELECT site.keep_counts('desk', 'arrivals', 'source, word');

-- What may be seen from outside: sums, without an item's id or number.
CREATE VIEW desk.promises AS
    SELECT service, channel, complaint, clock, month, result, open_until, days, sum(n)::integer AS n
    FROM desk.indicators_counts
    GROUP BY service, channel, complaint, clock, month, result, open_until, days HAVING sum(n) <> 0;

CREATE VIEW desk.received AS
    SELECT service, channel, state, perimeter, complaint, month, sum(n)::integer AS n
    FROM desk.items_counts
    GROUP BY service, channel, state, perimeter, complaint, month HAVING sum(n) <> 0;

CREATE OR REPLACE VIEW desk.words AS
    SELECT source, word, sum(n)::bigint AS arrivals FROM desk.arrivals_counts
    GROUP BY source, word HAVING sum(n) <> 0;

CREATE VIEW desk.waiting AS
    SELECT waiting, service, count(*)::integer AS n, min(since) AS oldest
    FROM desk.waits GROUP BY waiting, service;

CREATE VIEW desk.service_names AS
    SELECT one ->> 'id' AS service, one ->> 'short' AS short, one ->> 'name' AS name
    FROM (SELECT bundle FROM site.versions ORDER BY version DESC LIMIT 1) AS now,
         jsonb_array_elements(now.bundle #> '{services,services}') AS one;

CREATE VIEW desk.target AS
    SELECT (bundle #>> '{commitments,target}')::numeric AS target
    FROM site.versions ORDER BY version DESC LIMIT 1;

-- Arrivals of a span, an hour each: read by the index, whatever the register's size.
CREATE FUNCTION desk.arrivals_by_hour(since timestamptz, until timestamptz)
RETURNS TABLE (hour timestamptz, channel text, word text, n integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = desk AS $hours$
    SELECT date_trunc('hour', recorded_at), coalesce(a.channel, 'none'), a.word, count(*)::integer
    FROM desk.arrivals a WHERE recorded_at >= since AND recorded_at < until GROUP BY 1, 2, 3
$hours$;
REVOKE ALL ON FUNCTION desk.arrivals_by_hour FROM public;
