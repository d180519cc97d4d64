-- Up to which moment sla has said, on each partition of its topic, that nothing due is left to tell.
CREATE TABLE notify.told (
    part  integer NOT NULL,
    parts integer NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (parts, part)
);
-- What a digest tells is found by its id, however many rungs stand.
CREATE INDEX hearings_of_digest ON notify.hearings USING gin (digests);
