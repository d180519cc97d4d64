-- An answer to the mail of an exercise is kept apart in the figures of its source: it is no letter that somebody
-- set aside. Rows of before keep their word.
ALTER TABLE ingest.arrivals DROP CONSTRAINT arrivals_kind_check;
ALTER TABLE ingest.arrivals ADD CONSTRAINT arrivals_kind_check
    CHECK (kind IN ('enter', 'set_aside', 'exercise', 'quarantine', 'probe', 'bounce', 'departure', 'seen')) NOT VALID;
