-- Who wrote to us, as a pseudonym: a message of ours to somebody who did is kept, to be shown to
-- whoever says what it was, also when it names nothing of ours.
ALTER TABLE ingest.arrivals ADD COLUMN correspondent text;
CREATE INDEX arrivals_correspondent ON ingest.arrivals (correspondent) WHERE correspondent IS NOT NULL;
