-- The facts of items from which notices follow; their key is the inbox of topic `items`.
CREATE TABLE notify.facts (
    event_id uuid PRIMARY KEY,
    item_id  uuid NOT NULL,
    seq      integer NOT NULL,
    fact     jsonb NOT NULL
);
CREATE INDEX facts_of_item ON notify.facts (item_id);

-- One row an item: the lock under which its notices are decided, and when time alone may call for one.
CREATE TABLE notify.items (
    item_id uuid PRIMARY KEY,
    chrono  text,
    wake_at timestamptz
);
CREATE INDEX items_asleep ON notify.items (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX items_chrono ON notify.items (chrono);

-- The ledger: one row a notice, under an id that is the same at every replay (occasion, kind, recipient).
CREATE TABLE notify.ledger (
    notice_id     uuid PRIMARY KEY,
    item_id       uuid,                       -- none: a page for one of ours
    occasion      text NOT NULL,
    kind          text NOT NULL,
    reader        text,                       -- somebody of ours; none: the sender
    way           text NOT NULL,
    state         text NOT NULL,
    why           text,                       -- code of a hold or withdrawal, status of a refusal
    ordered       uuid,
    due_at        timestamptz NOT NULL,       -- from when on a worker may take it
    planned_at    timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL,
    revision      integer NOT NULL DEFAULT 1, -- one more with each fact told of it
    attempts      integer NOT NULL DEFAULT 0,
    silences      integer NOT NULL DEFAULT 0, -- attempts to which no answer was seen
    refusals      integer NOT NULL DEFAULT 0, -- temporary ones
    released_by   text,
    worker        integer,                    -- who attempts it: key of an advisory lock it holds while it lives
    correspondent text,                       -- keyed pseudonym of the sender
    thread        text,                       -- keyed pseudonym of the bare subject
    told_on       date,                       -- local day of an automatic mail, for the loop guard
    document      text,
    address       text                        -- keyed pseudonym of where it went, for the suppression list
);
CREATE INDEX ledger_due ON notify.ledger (way, due_at) WHERE state IN ('planned', 'unknown');
CREATE INDEX ledger_of_item ON notify.ledger (item_id);
CREATE INDEX ledger_open ON notify.ledger (state) WHERE state IN ('held', 'attempting', 'to_print');
CREATE INDEX ledger_told ON notify.ledger (correspondent, told_on) WHERE told_on IS NOT NULL;

-- Addresses that do not exist, as keyed pseudonyms: a person corrects them or writes on paper.
CREATE TABLE notify.suppressed (
    address   text PRIMARY KEY,
    notice_id uuid NOT NULL,
    status    text NOT NULL,
    since     timestamptz NOT NULL
);
