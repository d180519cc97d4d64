-- A rung that this program can't read is parked: no digest tells it and no count has it until a retry
-- reads it (docs/decisions/0040). What says who hears a hearing, and when, stands in its own row, and
-- what no digest has told is counted as it changes: nobody reads twenty thousand rungs to draw a gauge.
ALTER TABLE notify.rungs ADD parked boolean NOT NULL DEFAULT false;
ALTER TABLE notify.hearings
    ADD parked  boolean NOT NULL DEFAULT false,
    ADD service text NOT NULL DEFAULT '',
    ADD holder  text NOT NULL DEFAULT '',   -- the JSON of the rung, as a version that reads it finds it again
    ADD fell    text NOT NULL DEFAULT '';   -- of a rung of the ladder: its local day

CREATE FUNCTION notify.meant(fact jsonb, rung text, OUT service text, OUT holder text, OUT fell text)
LANGUAGE sql IMMUTABLE AS $meant$
    SELECT coalesce(fact->>'service', ''), coalesce((fact->'holder')::text, ''),
           CASE WHEN rung ~ '^[+-][0-9]+$' THEN coalesce(fact->>'fell', '') ELSE '' END
$meant$;

-- Whichever version of the program writes the row.
CREATE FUNCTION notify.say_meant() RETURNS trigger LANGUAGE plpgsql AS $say$
BEGIN
    SELECT meant.service, meant.holder, meant.fell INTO NEW.service, NEW.holder, NEW.fell
    FROM notify.rungs AS told, notify.meant(told.fact, told.rung) AS meant
    WHERE told.item_id = NEW.item_id AND told.clock = NEW.clock AND told.rung = NEW.rung;
    RETURN NEW;
END
$say$;

UPDATE notify.hearings AS hearing
SET service = meant.service, holder = meant.holder, fell = meant.fell
FROM notify.rungs AS told, notify.meant(told.fact, told.rung) AS meant
WHERE (told.item_id, told.clock, told.rung) = (hearing.item_id, hearing.clock, hearing.rung)
  AND hearing.digests = '{}';
CREATE TRIGGER say_meant BEFORE INSERT ON notify.hearings
    FOR EACH ROW EXECUTE FUNCTION notify.say_meant();

DO $define$
DECLARE
    cells CONSTANT text := $$SELECT service, holder, audience, fell FROM %s WHERE digests = '{}' AND NOT parked$$;
    names CONSTANT text := 'service, holder, audience, fell';
BEGIN
    PERFORM site.make_counts('notify', 'untold_counts', format(cells, 'notify.hearings'));
    EXECUTE format($sql$
        CREATE FUNCTION notify.count_untold() RETURNS trigger LANGUAGE plpgsql AS $count$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO notify.untold_counts SELECT %1$s, count(*) FROM (%2$s) AS cells GROUP BY %1$s;
            ELSIF TG_OP = 'DELETE' THEN
                INSERT INTO notify.untold_counts SELECT %1$s, -count(*) FROM (%3$s) AS cells GROUP BY %1$s;
            ELSIF TG_OP = 'UPDATE' THEN
                INSERT INTO notify.untold_counts
                SELECT %1$s, sum(one) FROM (
                    SELECT cells.*, 1 AS one FROM (%2$s) AS cells
                    UNION ALL
                    SELECT cells.*, -1 FROM (%3$s) AS cells) AS changes
                GROUP BY %1$s HAVING sum(one) <> 0;
            ELSE
                TRUNCATE notify.untold_counts;
            END IF;
            RETURN NULL;
        END
        $count$
    $sql$, names, format(cells, 'after'), format(cells, 'before'));
END
$define$;
SELECT site.count_changes('notify', 'hearings', 'count_untold');
