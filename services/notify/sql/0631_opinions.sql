-- Opinions asked of another service, and what digests told of them (docs/decisions/0112). What stands of them is read from the
-- item's facts; a row is looked at until a month after its date.
CREATE TABLE notify.opinions (
    event_id uuid PRIMARY KEY,                    -- of OpinionAsked
    item_id  uuid NOT NULL,
    until    date NOT NULL
);
CREATE INDEX opinions_until ON notify.opinions (until);
CREATE TABLE notify.opinions_told (
    event_id uuid NOT NULL,
    stage    text NOT NULL,                       -- asked, soon, late
    person   text NOT NULL,                       -- for whom; their deputy's digest may have it
    digest   uuid NOT NULL,
    PRIMARY KEY (event_id, stage, person)
);
CREATE INDEX opinions_told_digest ON notify.opinions_told (digest);
