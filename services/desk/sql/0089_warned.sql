-- Who was warned of an item's limits, and when: what sla told, kept beside what stands of its clock.
CREATE TABLE desk.warnings (
    event_id     uuid PRIMARY KEY,
    item_id      uuid NOT NULL,
    clock        text NOT NULL,
    rung         text NOT NULL,
    telling      integer NOT NULL,
    told         text NOT NULL,       -- the fact, as sla told it
    told_at      timestamptz NOT NULL,
    withdrawn_at timestamptz          -- since when it is no longer so
);
CREATE INDEX warnings_item ON desk.warnings (item_id, told_at);

-- What a page says once after a decision may be that nothing was done.
ALTER TABLE desk.sessions ADD COLUMN said_refused boolean NOT NULL DEFAULT false;
