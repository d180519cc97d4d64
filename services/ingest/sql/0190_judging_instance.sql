-- Two instances may read one mailbox: what a living one has in hand is no death of the other.
-- '' is the one instance of a site that names none.
ALTER TABLE ingest.judging ADD COLUMN instance text NOT NULL DEFAULT '';
