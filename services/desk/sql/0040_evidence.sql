-- The roots of the evidence, what was withdrawn or destroyed, and what is still to be erased (ADR 0018).

-- One root a night. Each night keeps only the heads of the chains that grew since the root before:
-- the roots are chained, so that the last one stands for every head ever sealed.
CREATE TABLE desk.roots (
    night     integer PRIMARY KEY CHECK (night > 0),
    day       date NOT NULL UNIQUE,      -- the local day that had ended
    heads     text NOT NULL,             -- SHA-256 of the sorted list of the night's heads
    root      text NOT NULL,             -- see domain/roots.py
    chains    integer NOT NULL,
    sealed_at timestamptz NOT NULL
);
CREATE TABLE desk.root_heads (
    item_id uuid NOT NULL,
    night   integer NOT NULL REFERENCES desk.roots,
    seq     integer NOT NULL,
    link    text NOT NULL,
    PRIMARY KEY (item_id, night)
);
CREATE INDEX root_heads_night ON desk.root_heads (night);

-- The chains that grew since the last root. Rows are only added, so that nobody who states a fact
-- waits for another; a clock that jumps leaves none out.
CREATE TABLE desk.to_seal (item_id uuid NOT NULL);
INSERT INTO desk.to_seal SELECT DISTINCT item_id FROM desk.facts;

CREATE FUNCTION desk.note_grown() RETURNS trigger LANGUAGE plpgsql AS $note$
BEGIN
    INSERT INTO desk.to_seal SELECT DISTINCT item_id FROM stated WHERE type <> 'EvidenceSealed';
    RETURN NULL;
END
$note$;
CREATE TRIGGER note_grown AFTER INSERT ON desk.facts REFERENCING NEW TABLE AS stated
    FOR EACH STATEMENT EXECUTE FUNCTION desk.note_grown();

CREATE FUNCTION desk.keep_roots() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    RAISE EXCEPTION 'The roots of the evidence are never changed nor removed.';
END
$keep$;
CREATE TRIGGER keep_roots BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.roots
    FOR EACH STATEMENT EXECUTE FUNCTION desk.keep_roots();
CREATE TRIGGER keep_heads BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.root_heads
    FOR EACH STATEMENT EXECUTE FUNCTION desk.keep_roots();

-- Folders of the blob store that a decision condemned. Written in its transaction, so that bytes
-- that a crash left behind are erased by the next one who looks.
CREATE TABLE desk.erasures (
    year     integer NOT NULL,
    owner    uuid NOT NULL,              -- the arrival, or the decision that composed a reply
    why      text NOT NULL CHECK (why IN ('withdrawn', 'destroyed', 'set_aside')),
    asked_at timestamptz NOT NULL,
    done_at  timestamptz,
    PRIMARY KEY (year, owner)
);
CREATE INDEX erasures_left ON desk.erasures (asked_at) WHERE done_at IS NULL;

-- Of an arrival whose bytes are gone, only what it became and the hashes in the chain remain.
ALTER TABLE desk.arrivals ADD erased_at timestamptz;
CREATE INDEX arrivals_aside ON desk.arrivals (recorded_at)
    WHERE word = 'set_aside' AND erased_at IS NULL;

-- The bordereaux d'élimination: proposed, seen by an archivist (visa), carried out.
CREATE TABLE desk.slips (
    slip        text PRIMARY KEY,        -- '36-2029-E-0001'
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    digest      text NOT NULL,           -- SHA-256 of the CSV that the archivist is shown
    visa        text,
    archivist   text,
    visa_on     date,
    done_by     text,
    done_at     timestamptz,
    dropped_at  timestamptz,
    CHECK ((visa IS NULL) = (visa_on IS NULL)),
    CHECK (done_at IS NULL OR visa IS NOT NULL)
);
CREATE TABLE desk.slip_items (
    slip     text NOT NULL REFERENCES desk.slips,
    item_id  uuid NOT NULL,
    chrono   text NOT NULL,
    category text NOT NULL,
    ended_on date NOT NULL,
    due_on   date NOT NULL,
    outcome  text,                       -- 'destroyed', or why it was left
    PRIMARY KEY (slip, item_id)
);
