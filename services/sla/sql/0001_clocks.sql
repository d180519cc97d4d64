-- The clocks: every fact heard of an item, what its plan still holds, and what stands of what was told.
-- The row of an item is the only lock: the handler takes it in the order of ids, the ticker skips what is taken.
CREATE TABLE sla.facts (
    event_id uuid PRIMARY KEY,              -- the key is the inbox: a fact heard twice is kept once
    item_id  uuid NOT NULL,
    seq      integer NOT NULL,
    payload  text NOT NULL                  -- the JSON as it travelled
);
CREATE INDEX facts_of_item ON sla.facts (item_id, seq);

CREATE TABLE sla.items (
    item_id      uuid PRIMARY KEY,
    chrono       text,                      -- none for what waits in quarantine
    service      text,
    plan         text,                      -- services/sla/domain/plan.py: Plan, as JSON; none: to be made
    standing     text NOT NULL,             -- services/sla/domain/standing.py: Standing, as JSON
    wake_at      timestamptz,               -- the next moment at which anything could change
    unread_since timestamptz,               -- rungs wait for the service's sources to be read at or after it
    edition      integer NOT NULL DEFAULT 0, -- of the rules under which it was planned
    open         boolean NOT NULL DEFAULT true, -- other rules could still move it
    awaits       integer NOT NULL DEFAULT 0 -- facts without which nothing is told: those known before a rebuild
);
CREATE INDEX items_due ON sla.items (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX items_unread ON sla.items (service, unread_since) WHERE unread_since IS NOT NULL;
CREATE INDEX items_open ON sla.items (edition) WHERE open;
CREATE INDEX items_chrono ON sla.items (chrono) WHERE chrono IS NOT NULL;

-- The clocks that run, for gauges and questions: the past of stopped ones is in the facts told.
CREATE TABLE sla.running (
    item_id   uuid NOT NULL REFERENCES sla.items ON DELETE CASCADE,
    clock     text NOT NULL,
    service   text NOT NULL,
    limit_at  timestamptz NOT NULL,         -- 24:00 local of the limit's day
    risk_at   timestamptz,                  -- from then on at risk: its first rung
    PRIMARY KEY (item_id, clock)
);
CREATE INDEX running_states ON sla.running (clock, service) INCLUDE (limit_at, risk_at);

CREATE TABLE sla.sources (
    source     text PRIMARY KEY,
    read_until timestamptz NOT NULL         -- a complete pass has told all that stood in it then
);
