-- What the search of the register stands on. All text that a person wrote and that this schema holds
-- lies in desk.search: one row an item, which goes with the item's content (ADR 0017).

DO $extensions$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
    CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'The search needs two extensions that this user may not create: have the'
        ' administrator run CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent; in this database.';
END
$extensions$;

-- Words as French counts them, their accents forgiven.
CREATE TEXT SEARCH CONFIGURATION desk.french (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION desk.french
    ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, french_stem;
ALTER TEXT SEARCH CONFIGURATION desk.french
    ALTER MAPPING FOR numword, numhword, hword_numpart WITH public.unaccent, simple;

-- unaccent is only stable because its rules are a file; a generated column asks for more, and ours
-- are those of the server's package.
CREATE FUNCTION desk.folded(said text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, said));

CREATE TABLE desk.search (
    id      uuid PRIMARY KEY,            -- the item's; the arrival's while it waits without item
    kind    text NOT NULL CHECK (kind IN ('item', 'aside', 'past')),
    at      timestamptz NOT NULL,        -- its registration: the newest is found first
    chrono  text NOT NULL,               -- tells items of one moment apart; empty for what has none
    sender  text NOT NULL,
    subject text NOT NULL,
    body    text NOT NULL,               -- mails, OCR, names of attachments
    lacking text,                        -- why some of its content could not be read
    words   tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('desk.french', sender || ' ' || subject), 'A')
        || setweight(to_tsvector('desk.french', body), 'B')) STORED
);
CREATE INDEX search_words ON desk.search USING gin (words);
CREATE INDEX search_elsewhere ON desk.search USING gin (words) WHERE kind <> 'item';
CREATE INDEX search_at ON desk.search (at DESC, chrono DESC);
CREATE INDEX search_lacking ON desk.search (id) WHERE lacking IS NOT NULL;

-- The words of senders and subjects, against which a typing error is held; one that no row has any
-- more is gone with the last of them.
CREATE TABLE desk.vocabulary (
    word  text PRIMARY KEY,
    items integer NOT NULL
);
CREATE INDEX vocabulary_alike ON desk.vocabulary USING gin (word public.gin_trgm_ops);

CREATE FUNCTION desk.heading_words(sender text, subject text) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    BEGIN ATOMIC
        SELECT DISTINCT word
        FROM regexp_split_to_table(desk.folded(sender || ' ' || subject), '[^a-z0-9]+') AS word
        WHERE length(word) BETWEEN 3 AND 40 AND word ~ '[a-z]';
    END;

CREATE FUNCTION desk.count_words() RETURNS trigger LANGUAGE plpgsql AS $count$
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
        DELETE FROM desk.vocabulary WHERE items <= 0;
    END IF;
    RETURN NULL;
END
$count$;
CREATE TRIGGER count_words AFTER INSERT ON desk.search REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION desk.count_words();
CREATE TRIGGER uncount_words AFTER DELETE ON desk.search REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION desk.count_words();

-- A row is deleted and written anew: an update would have to be counted twice.
CREATE FUNCTION desk.write_search_anew() RETURNS trigger LANGUAGE plpgsql AS $anew$
BEGIN
    RAISE EXCEPTION 'A row of desk.search is deleted and written anew, never updated.';
END
$anew$;
CREATE TRIGGER write_search_anew BEFORE UPDATE ON desk.search
    FOR EACH STATEMENT EXECUTE FUNCTION desk.write_search_anew();

-- Closed lines of the register that was kept before: found, never timed, no item.
CREATE TABLE desk.past_lines (
    line_id     uuid PRIMARY KEY,
    number      text NOT NULL,           -- as that register wrote it; empty when it had none
    received_on date NOT NULL,
    answered_on date,
    service     text,
    category    text,
    pli         text NOT NULL,
    by          text NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX past_lines_number ON desk.past_lines (number);

-- What the search must read again, noted in the transaction that changed it; `desk keep` reads the
-- content afterwards. Rows are only added, so that nobody who registers waits for who reads.
CREATE TABLE desk.to_index (
    number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    id     uuid NOT NULL,
    since  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- By triggers: whoever writes an arrival or an item, now or in years, can't forget it.
CREATE FUNCTION desk.note_arrivals() RETURNS trigger LANGUAGE plpgsql AS $note$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO desk.to_index (id)
        SELECT DISTINCT coalesce(item_id, arrival_id) FROM after
        WHERE word IN ('item', 'message', 'history', 'set_aside', 'quarantine');
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO desk.to_index (id)
        SELECT DISTINCT coalesce(item_id, arrival_id) FROM before
        WHERE word IN ('item', 'message', 'history', 'set_aside', 'quarantine');
    END IF;
    RETURN NULL;
END
$note$;
CREATE TRIGGER note_inserted AFTER INSERT ON desk.arrivals REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION desk.note_arrivals();
CREATE TRIGGER note_updated AFTER UPDATE ON desk.arrivals
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION desk.note_arrivals();
CREATE TRIGGER note_deleted AFTER DELETE ON desk.arrivals REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION desk.note_arrivals();

CREATE FUNCTION desk.note_rows() RETURNS trigger LANGUAGE plpgsql AS $note$
BEGIN
    IF TG_TABLE_NAME = 'items' THEN
        INSERT INTO desk.to_index (id) SELECT item_id FROM after;
    ELSE
        INSERT INTO desk.to_index (id) SELECT line_id FROM after;
    END IF;
    RETURN NULL;
END
$note$;
CREATE TRIGGER note_items AFTER INSERT ON desk.items REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION desk.note_rows();
CREATE TRIGGER note_past_lines AFTER INSERT ON desk.past_lines REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION desk.note_rows();

-- Content that is withdrawn or destroyed leaves the search in that very transaction.
CREATE FUNCTION desk.forget_text() RETURNS trigger LANGUAGE plpgsql AS $forget$
BEGIN
    DELETE FROM desk.search WHERE id = NEW.item_id;
    RETURN NULL;
END
$forget$;
CREATE TRIGGER forget_text AFTER UPDATE ON desk.items FOR EACH ROW
    WHEN (NEW.state = 'destroyed' AND OLD.state <> 'destroyed')
    EXECUTE FUNCTION desk.forget_text();

-- Lists without words, newest first, and one service's by limit.
CREATE INDEX items_registered ON desk.items (registered_at DESC, chrono DESC);
CREATE INDEX items_service_registered ON desk.items (service, registered_at DESC, chrono DESC);

INSERT INTO desk.to_index (id)
SELECT item_id FROM desk.items WHERE state <> 'destroyed'
UNION
SELECT arrival_id FROM desk.arrivals WHERE word IN ('history', 'set_aside', 'quarantine');
