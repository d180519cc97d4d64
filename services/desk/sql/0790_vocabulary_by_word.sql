-- Words that no subject and no sender has any more are looked for by their names: whatever was indexed anew read the
-- whole vocabulary (docs/decisions/0223).
CREATE OR REPLACE FUNCTION desk.count_words() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $count$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO desk.vocabulary AS known (word, items)
        SELECT word, count(*) FROM changed, desk.heading_words(sender, subject) AS word
        GROUP BY word ORDER BY word
        ON CONFLICT (word) DO UPDATE SET items = known.items + excluded.items;
    ELSE
        WITH gone AS (
            SELECT word, count(*) AS items
            FROM changed, desk.heading_words(sender, subject) AS word GROUP BY word
        ), locked AS (
            SELECT word FROM desk.vocabulary WHERE word IN (SELECT word FROM gone)
            ORDER BY word FOR UPDATE
        )
        UPDATE desk.vocabulary AS known SET items = known.items - gone.items
        FROM gone JOIN locked USING (word) WHERE known.word = gone.word;
        DELETE FROM desk.vocabulary AS known
        USING (SELECT DISTINCT word FROM changed, desk.heading_words(sender, subject) AS word)
            AS gone
        WHERE known.word = gone.word AND known.items <= 0;
    END IF;
    RETURN NULL;
END
$count$;
