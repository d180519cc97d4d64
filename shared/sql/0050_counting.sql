-- Counts that are kept, so that nobody ever counts a million rows to draw a gauge.
--
-- `site.keep_counts('desk', 'arrivals', 'source, word')` makes the table desk.arrivals_counts and the
-- triggers that keep it: every statement that changes a row of desk.arrivals adds what it changed, in
-- its own transaction. Rows are only added, never updated, so two transactions never wait for each
-- other; `site.fold_counts` adds the rows of a cell up, once a minute. A count is `sum(n)` of a cell.
-- Every column of a cell is NOT NULL: folding finds its rows by equality.
CREATE TABLE site.counted (
    schema_name text NOT NULL,
    table_name  text NOT NULL,          -- where the counts are
    cell        text[] NOT NULL,        -- the columns that name a count
    PRIMARY KEY (schema_name, table_name)
);

CREATE FUNCTION site.make_counts(schema_name text, table_name text, cells text) RETURNS text[]
LANGUAGE plpgsql AS $make$
DECLARE
    cell text[];
BEGIN
    EXECUTE format('CREATE TABLE %I.%I AS SELECT cells.*, 0::integer AS n, false AS folded
                    FROM (%s) AS cells WHERE false', schema_name, table_name, cells);
    SELECT array_agg(attname::text ORDER BY attnum) INTO cell FROM pg_attribute
    WHERE attrelid = format('%I.%I', schema_name, table_name)::regclass
      AND attnum > 0 AND attname NOT IN ('n', 'folded');
    EXECUTE (SELECT format('ALTER TABLE %I.%I ALTER folded SET DEFAULT false, %s', schema_name, table_name,
                           string_agg(format('ALTER %I SET NOT NULL', name), ', '))
             FROM unnest(cell || ARRAY['n', 'folded']) AS name);
    INSERT INTO site.counted VALUES (schema_name, table_name, cell);
    EXECUTE format('INSERT INTO %I.%I SELECT cells.*, count(*), true FROM (%s) AS cells GROUP BY %s',
                   schema_name, table_name, cells,
                   (SELECT string_agg(format('cells.%I', name), ', ') FROM unnest(cell) AS name));
    RETURN cell;
END
$make$;

CREATE FUNCTION site.keep_counts(schema_name text, table_name text, cell text) RETURNS void
LANGUAGE plpgsql AS $keep$
DECLARE
    counts text := table_name || '_counts';
    names  text := (SELECT string_agg(format('%I', name), ', ')
                    FROM unnest(site.make_counts(schema_name, table_name || '_counts',
                                format('SELECT %s FROM %I.%I', cell, schema_name, table_name))) AS name);
BEGIN
    EXECUTE format($sql$
        CREATE FUNCTION %1$I.count_%2$s() RETURNS trigger LANGUAGE plpgsql AS $count$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO %1$I.%3$I SELECT %5$s, count(*) FROM (SELECT %4$s FROM after) AS cells
                GROUP BY %5$s;
            ELSIF TG_OP = 'DELETE' THEN
                INSERT INTO %1$I.%3$I SELECT %5$s, -count(*) FROM (SELECT %4$s FROM before) AS cells
                GROUP BY %5$s;
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO %1$I.%3$I
                SELECT %5$s, sum(one) FROM (
                    SELECT cells.*, 1 AS one FROM (SELECT %4$s FROM after) AS cells
                    UNION ALL
                    SELECT cells.*, -1 FROM (SELECT %4$s FROM before) AS cells) AS changes
                GROUP BY %5$s HAVING sum(one) <> 0;
            ELSE
                TRUNCATE %1$I.%3$I;
            END IF;
            RETURN NULL;
        END
        $count$
    $sql$, schema_name, table_name, counts, cell, names);
    PERFORM site.count_changes(schema_name, table_name, 'count_' || table_name);
END
$keep$;

-- The triggers themselves: PostgreSQL wants one an event where a function reads what changed.
CREATE FUNCTION site.count_changes(schema_name text, table_name text, counter text) RETURNS void
LANGUAGE plpgsql AS $changes$
DECLARE
    one text[];
BEGIN
    FOREACH one SLICE 1 IN ARRAY ARRAY[
        ['INSERT', 'REFERENCING NEW TABLE AS after'],
        ['UPDATE', 'REFERENCING OLD TABLE AS before NEW TABLE AS after'],
        ['DELETE', 'REFERENCING OLD TABLE AS before'],
        ['TRUNCATE', '']] LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER %s ON %I.%I %s FOR EACH STATEMENT EXECUTE FUNCTION %I.%I()',
                       lower(counter || '_' || one[1]), one[1], schema_name, table_name, one[2],
                       schema_name, counter);
    END LOOP;
END
$changes$;

-- Adds up the rows of each cell that changed since; whoever comes while another folds leaves it to them.
-- Without statistics a nested loop looks cheap and is not.
CREATE FUNCTION site.fold_counts(of_schema text) RETURNS void
LANGUAGE plpgsql SET enable_nestloop = off SET enable_mergejoin = off AS $fold$
DECLARE
    one   site.counted;
    names text;
BEGIN
    FOR one IN SELECT * FROM site.counted WHERE schema_name = of_schema LOOP
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(hashtext('fold ' || of_schema || '.' || one.table_name));
        SELECT string_agg(format('%I', name), ', ') INTO names FROM unnest(one.cell) AS name;
        EXECUTE format($sql$
            WITH fresh AS (SELECT DISTINCT %3$s FROM %1$I.%2$I WHERE NOT folded),
            gone AS (DELETE FROM %1$I.%2$I AS old USING fresh
                     WHERE (%4$s) = (%5$s) RETURNING old.*)
            INSERT INTO %1$I.%2$I (%3$s, n, folded)
            SELECT %3$s, sum(n), true FROM gone GROUP BY %3$s HAVING sum(n) <> 0
        $sql$, one.schema_name, one.table_name, names,
            (SELECT string_agg(format('old.%I', name), ', ') FROM unnest(one.cell) AS name),
            (SELECT string_agg(format('fresh.%I', name), ', ') FROM unnest(one.cell) AS name));
    END LOOP;
END
$fold$;
