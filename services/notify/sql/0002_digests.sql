-- What sla told and has not taken back. The last revision of each item: a lower one is old news.
CREATE TABLE notify.clocks (
    item_id  uuid PRIMARY KEY,
    revision integer NOT NULL
);

CREATE TABLE notify.rungs (
    item_id uuid NOT NULL,
    clock   text NOT NULL,
    rung    text NOT NULL,
    fact    jsonb NOT NULL,        -- the RungReached, its limit kept up to date
    PRIMARY KEY (item_id, clock, rung)
);

-- Who is to hear a rung, by function; the digest that told it, once one did.
CREATE TABLE notify.hearings (
    item_id  uuid NOT NULL,
    clock    text NOT NULL,
    rung     text NOT NULL,
    audience text NOT NULL,
    digests  uuid[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (item_id, clock, rung, audience),
    FOREIGN KEY (item_id, clock, rung) REFERENCES notify.rungs ON DELETE CASCADE
);
CREATE INDEX hearings_new ON notify.hearings (item_id) WHERE digests = '{}';

-- How clocks ended, for the weekly page.
CREATE TABLE notify.outcomes (
    item_id    uuid NOT NULL,
    clock      text NOT NULL,
    outcome    text NOT NULL,
    stopped_at timestamptz NOT NULL,
    PRIMARY KEY (item_id, clock)
);
CREATE INDEX outcomes_when ON notify.outcomes (stopped_at);

-- Up to which moment the clocks were heard.
CREATE TABLE notify.heard (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    until  timestamptz NOT NULL
);
