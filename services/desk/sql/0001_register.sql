-- The register: what became of every arrival, every fact with its author and its evidence, and the
-- items as their facts say them.

-- Law 1: a row of this table is exactly one word.
CREATE TABLE desk.arrivals (
    arrival_id    uuid PRIMARY KEY,
    revision      integer NOT NULL,
    word          text NOT NULL CHECK (word IN ('item', 'message', 'copy', 'departure', 'bounce',
                                                'history', 'set_aside', 'quarantine', 'probe')),
    reason        text,                  -- code of the rule that set aside, or of the quarantine
    item_id       uuid,
    source        text NOT NULL,
    channel       text,                  -- null for a departure or a bounce
    received_at   timestamptz NOT NULL,
    fingerprint   text,
    correspondent text,
    subject       text,
    label         text,
    original      text NOT NULL,
    pli           text,
    told          text NOT NULL,         -- the fact as it came: what waits may still become an item
    recorded_at   timestamptz NOT NULL,
    CHECK ((item_id IS NOT NULL) = (word IN ('item', 'message', 'copy', 'departure'))
           OR word = 'bounce')
);
CREATE INDEX arrivals_fingerprint ON desk.arrivals (fingerprint) WHERE item_id IS NOT NULL;
CREATE INDEX arrivals_thread ON desk.arrivals (correspondent, subject)
    WHERE item_id IS NOT NULL AND subject IS NOT NULL;
CREATE INDEX arrivals_item ON desk.arrivals (item_id) WHERE item_id IS NOT NULL;
CREATE INDEX arrivals_waiting ON desk.arrivals (word, received_at)
    WHERE word IN ('history', 'set_aside', 'quarantine');
CREATE INDEX arrivals_recorded ON desk.arrivals (recorded_at);

CREATE VIEW desk.words AS
    SELECT source, word, count(*) AS arrivals FROM desk.arrivals GROUP BY source, word;

-- Append-only; `payload` is the JSON that was told, byte for byte (a fact's hash is taken of it).
CREATE TABLE desk.facts (
    event_id    uuid PRIMARY KEY,
    item_id     uuid NOT NULL,           -- the arrival's id for what waits without an item
    seq         integer NOT NULL CHECK (seq > 0),
    type        text NOT NULL,
    by          text NOT NULL,
    happened_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    payload     text NOT NULL,
    link        text NOT NULL,           -- see domain/evidence.py
    UNIQUE (item_id, seq)
);
CREATE INDEX facts_recorded ON desk.facts (recorded_at);

CREATE FUNCTION desk.keep_facts() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    RAISE EXCEPTION 'Facts are never changed nor removed: state another one.';
END
$keep$;
CREATE TRIGGER keep_facts BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.facts
    FOR EACH STATEMENT EXECUTE FUNCTION desk.keep_facts();

-- What the facts of an item say of it (domain/item.py), what sla says of its limit (due, at_risk),
-- and what the register proposes (linked).
CREATE TABLE desk.items (
    item_id         uuid PRIMARY KEY,
    chrono          text NOT NULL UNIQUE,
    seq             integer NOT NULL,
    state           text NOT NULL,
    channel         text NOT NULL,
    category        text NOT NULL,
    nature          text NOT NULL,
    perimeter       boolean NOT NULL,
    priority        text NOT NULL,
    confidentiality text NOT NULL,
    service         text NOT NULL,
    agent           text,
    signatory       text,
    correspondent   text,
    received_on     date NOT NULL,       -- local day 0
    received_at     timestamptz NOT NULL,
    provisional     boolean NOT NULL,
    registered_at   timestamptz NOT NULL,
    answered_at     timestamptz,
    merged_into     uuid,
    linked_to       uuid,
    linked_why      text,
    due             date,                -- limit of the running clock of its answer
    due_clock       text,
    at_risk         boolean NOT NULL DEFAULT false
);
CREATE INDEX items_open ON desk.items (service, due)
    WHERE state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred');
CREATE INDEX items_correspondent ON desk.items (correspondent)
    WHERE state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred');
CREATE INDEX items_merged ON desk.items (merged_into) WHERE merged_into IS NOT NULL;

-- What waits for a person; the id is the item's, or the arrival's in quarantine.
CREATE TABLE desk.waits (
    id      uuid NOT NULL,
    waiting text NOT NULL,
    service text NOT NULL,
    since   timestamptz NOT NULL,
    PRIMARY KEY (id, waiting)
);

-- One row a direction and year, taken last in the registering transaction: chronos have no gap.
CREATE TABLE desk.counters (
    direction text NOT NULL CHECK (direction IN ('A', 'D')),
    year      integer NOT NULL,
    last      integer NOT NULL,
    PRIMARY KEY (direction, year)
);

CREATE TABLE desk.departures (
    chrono      text PRIMARY KEY,
    item_id     uuid NOT NULL,
    recorded_at timestamptz NOT NULL
);

-- Message-IDs of the threads, theirs and ours, by digest.
CREATE TABLE desk.messages (
    message text PRIMARY KEY,
    item_id uuid NOT NULL
);
CREATE INDEX messages_item ON desk.messages (item_id);

-- References to messages that were not registered yet: the chaser came first.
CREATE TABLE desk.wanted (
    message text NOT NULL,
    item_id uuid NOT NULL,
    since   timestamptz NOT NULL,
    PRIMARY KEY (message, item_id)
);
CREATE INDEX wanted_since ON desk.wanted (since);

CREATE TABLE desk.labels (
    label   text PRIMARY KEY,
    item_id uuid NOT NULL
);

-- Messages seen in Sent folders; without item they wait for one to be registered.
CREATE TABLE desk.replies (
    arrival_id uuid PRIMARY KEY,
    sent_at    timestamptz NOT NULL,
    addressees text[] NOT NULL,
    item_id    uuid,
    told       text NOT NULL
);
CREATE INDEX replies_unmatched ON desk.replies (sent_at) WHERE item_id IS NULL;
CREATE INDEX replies_waiting ON desk.replies USING gin (addressees) WHERE item_id IS NULL;

-- Each clock as sla last told it.
CREATE TABLE desk.clocks (
    item_id      uuid NOT NULL,
    clock        text NOT NULL,
    revision     integer NOT NULL,
    commitment   text,
    day_zero     date,
    limit_day    date NOT NULL,
    holder       jsonb NOT NULL,
    paused_since date,
    paused_until date,
    rungs        text[] NOT NULL,        -- those that stand
    stopped_at   timestamptz,
    outcome      text,
    raw          integer,
    net          integer,
    PRIMARY KEY (item_id, clock)
);

-- What notify did with each message to the sender.
CREATE TABLE desk.notices (
    notice_id uuid NOT NULL,
    item_id   uuid NOT NULL,
    kind      text NOT NULL,
    way       text NOT NULL,
    state     text NOT NULL,
    why       text,
    at        timestamptz NOT NULL,
    document  text,
    PRIMARY KEY (item_id, notice_id)
);

-- The item that stands for another after any number of mergers.
CREATE FUNCTION desk.survivor(item uuid) RETURNS uuid LANGUAGE sql STABLE AS $survivor$
    WITH RECURSIVE way (item_id, merged_into, steps) AS (
        SELECT item_id, merged_into, 0 FROM desk.items WHERE item_id = item
        UNION ALL
        SELECT i.item_id, i.merged_into, steps + 1
        FROM way JOIN desk.items i ON i.item_id = way.merged_into WHERE steps < 50
    )
    SELECT item_id FROM way ORDER BY steps DESC LIMIT 1
$survivor$;
