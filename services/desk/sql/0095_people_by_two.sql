-- Changes of somebody that need two persons: one asks, another confirms (ADR 0035).
CREATE TABLE desk.person_asks (
    ask        uuid PRIMARY KEY,
    person     text NOT NULL,
    change     text NOT NULL CHECK (change IN ('deputy', 'mailbox')),
    value      text,                      -- the deputy's id, or the address; null: no deputy any more
    asked_by   text NOT NULL,             -- as facts name their author
    asked_at   timestamptz NOT NULL,
    settled_by text,
    settled_at timestamptz,
    agreed     boolean,
    CHECK ((settled_by IS NULL) = (settled_at IS NULL) AND (settled_by IS NULL) = (agreed IS NULL)),
    CHECK (NOT coalesce(agreed, false) OR settled_by <> asked_by)
);
CREATE UNIQUE INDEX person_asks_open ON desk.person_asks (person, change) WHERE settled_at IS NULL;
