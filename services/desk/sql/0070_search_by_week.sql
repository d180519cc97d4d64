-- The search walks back through the weeks: of a word that ten thousand items have, the newest are
-- enough, and the index finds those without touching the others. An array, for that is what an
-- index of words can hold beside them. What was written last waits in a list that every question
-- reads whole: a short one.
CREATE FUNCTION desk.weeks(at timestamptz) RETURNS integer[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY[((at AT TIME ZONE 'UTC')::date - DATE '0001-01-01') / 7];

DROP INDEX desk.search_words;
CREATE INDEX search_words ON desk.search USING gin (words, desk.weeks(at))
    WITH (gin_pending_list_limit = 1024);

-- What is no item is walked by its own date: an older register may have more lines than this one.
DROP INDEX desk.search_at;
CREATE INDEX search_elsewhere_at ON desk.search (at DESC, id DESC) WHERE kind <> 'item';
