-- What items wait for from third parties, and what digests told of it once its date passed (docs/decisions/0185). What stands
-- of it is read from the item's facts; a row is looked at until a month after its date.
CREATE TABLE notify.third_asks (
    event_id uuid PRIMARY KEY,                    -- of AwaitingThird
    item_id  uuid NOT NULL,
    until    date NOT NULL
);
CREATE INDEX third_asks_until ON notify.third_asks (until);
CREATE TABLE notify.third_asks_told (
    event_id uuid NOT NULL,
    person   text NOT NULL,                       -- for whom; their deputy's digest may have it
    digest   uuid NOT NULL,
    PRIMARY KEY (event_id, person)
);
CREATE INDEX third_asks_told_digest ON notify.third_asks_told (digest);
