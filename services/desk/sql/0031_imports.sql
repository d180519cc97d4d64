-- A register that a person is about to take over by the pages: the file stays here while its columns
-- are mapped, and goes when it is taken, dropped, or forgotten.
CREATE TABLE desk.imports (
    import_id   uuid PRIMARY KEY,
    name        text NOT NULL,
    content     bytea,                   -- null once taken
    mapping     text NOT NULL,           -- imports/mapping.py: as a person corrected it
    next_number integer,
    by          text NOT NULL,
    at          timestamptz NOT NULL,
    taken_at    timestamptz,
    items       integer,
    past        integer
);
CREATE INDEX imports_at ON desk.imports (at);

-- What has waited longest, of all lists.
CREATE INDEX waits_since ON desk.waits (since, id);

-- All that waits for an answer, the most pressing first: the first page of every list.
CREATE INDEX items_due ON desk.items (due, received_on, chrono) INCLUDE (at_risk)
    WHERE state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred');
CREATE INDEX items_service_due ON desk.items (service, due, received_on, chrono)
    INCLUDE (at_risk)
    WHERE state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred');
