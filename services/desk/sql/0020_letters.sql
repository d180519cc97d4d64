-- Standard letters: a library for each service, and what was composed from it (ADR 0016).
CREATE TABLE desk.letters (
    letter  text PRIMARY KEY,            -- a short code, for ever
    service text                         -- none: every service may use it
);

CREATE TABLE desk.letter_versions (
    letter       text NOT NULL REFERENCES desk.letters,
    number       integer NOT NULL CHECK (number > 0),
    kind         text NOT NULL CHECK (kind IN ('reply', 'holding_reply', 'pieces', 'transfer')),
    title        text NOT NULL,
    subject      text NOT NULL,
    body         text NOT NULL,
    anonymity    text,                   -- why the agent is not named (CRPA L111-2, 2nd paragraph)
    state        text NOT NULL CHECK (state IN ('draft', 'submitted', 'approved', 'withdrawn')),
    author       text NOT NULL,
    written_at   timestamptz NOT NULL,
    submitted_by text,
    submitted_at timestamptz,
    approved_by  text,
    approved_at  timestamptz,
    alone        boolean NOT NULL DEFAULT false,   -- by its author: nobody else could
    withdrawn_by text,
    withdrawn_at timestamptz,
    PRIMARY KEY (letter, number),
    CHECK (state <> 'approved' OR approved_by IS NOT NULL)
);
-- At most one version in use and one being written.
CREATE UNIQUE INDEX letter_in_use ON desk.letter_versions (letter) WHERE state = 'approved';
CREATE UNIQUE INDEX letter_being_written ON desk.letter_versions (letter)
    WHERE state IN ('draft', 'submitted');

-- What was approved is what an auditor finds: it may only be withdrawn.
CREATE FUNCTION desk.keep_letters() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.state IN ('draft', 'submitted') OR (
            OLD.state = 'approved' AND NEW.state = 'withdrawn'
            AND (NEW.letter, NEW.number, NEW.kind, NEW.title, NEW.subject, NEW.body, NEW.author)
                = (OLD.letter, OLD.number, OLD.kind, OLD.title, OLD.subject, OLD.body, OLD.author)
            AND (NEW.anonymity, NEW.approved_by, NEW.approved_at, NEW.alone)
                IS NOT DISTINCT FROM
                (OLD.anonymity, OLD.approved_by, OLD.approved_at, OLD.alone))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'An approved letter is never changed nor removed: write its next version.';
END
$keep$;
CREATE TRIGGER keep_letters BEFORE UPDATE OR DELETE ON desk.letter_versions
    FOR EACH ROW EXECUTE FUNCTION desk.keep_letters();

-- Which item used which version, and by which way; no text. Dates and offices are what a paper says
-- that the code on it can't: the departure reads them here.
CREATE TABLE desk.letter_uses (
    decision uuid PRIMARY KEY,
    item_id  uuid NOT NULL,
    letter   text NOT NULL,
    number   integer NOT NULL,
    kind     text NOT NULL,
    way      text NOT NULL CHECK (way IN ('mail', 'pdf', 'odt')),
    until    date,                       -- the date that it gives the sender
    adapted  boolean NOT NULL,           -- the agent changed more than its fields
    person   text NOT NULL,
    used_at  timestamptz NOT NULL,
    FOREIGN KEY (letter, number) REFERENCES desk.letter_versions
);
CREATE INDEX letter_uses_item ON desk.letter_uses (item_id, kind, used_at);
CREATE INDEX letter_uses_letter ON desk.letter_uses (letter, number, used_at);
