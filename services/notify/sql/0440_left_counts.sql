-- How many automatic mails left, by minute: the caps of the whole site ask it at each mail, and nobody
-- counts ten thousand rows of a day for each of them. What left says services/notify/store/caps.py.
DO $define$
DECLARE
    cells CONSTANT text := $$SELECT told_on, date_trunc('minute', told_at) AS minute FROM %s
        WHERE told_at IS NOT NULL AND told_on IS NOT NULL
          AND state IN ('attempting', 'unknown', 'sent', 'bounced')$$;
    names CONSTANT text := 'told_on, minute';
BEGIN
    PERFORM site.make_counts('notify', 'left_counts', format(cells, 'notify.ledger'));
    EXECUTE format($sql$
        CREATE FUNCTION notify.count_left() RETURNS trigger LANGUAGE plpgsql AS $count$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO notify.left_counts SELECT %1$s, count(*) FROM (%2$s) AS cells GROUP BY %1$s;
            ELSIF TG_OP = 'DELETE' THEN
                INSERT INTO notify.left_counts SELECT %1$s, -count(*) FROM (%3$s) AS cells GROUP BY %1$s;
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO notify.left_counts
                SELECT %1$s, sum(one) FROM (
                    SELECT cells.*, 1 AS one FROM (%2$s) AS cells
                    UNION ALL
                    SELECT cells.*, -1 FROM (%3$s) AS cells) AS changes
                GROUP BY %1$s HAVING sum(one) <> 0;
            ELSE
                TRUNCATE notify.left_counts;
            END IF;
            RETURN NULL;
        END
        $count$
    $sql$, names, format(cells, 'after'), format(cells, 'before'));
END
$define$;
SELECT site.count_changes('notify', 'ledger', 'count_left');
