-- Rehearsals that somebody kept (docs/decisions/0104): what other rules, another release or a past month do to people.
-- Codes, numbers, local days; no text, no name. Written by `vaguemestre rehearse --keep` alone, and never changed.
CREATE TABLE desk.rehearsals (
    rehearsal     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('rules', 'release', 'month')),
    author        text NOT NULL CHECK (author <> ''),
    why           text NOT NULL CHECK (why <> ''),
    recorded_at   timestamptz NOT NULL,
    as_of         timestamptz NOT NULL,   -- the moment at which the items were looked at
    month         date,                   -- its first day; NULL: every item
    applied       integer NOT NULL,       -- the version that ran
    before_digest text NOT NULL,          -- of rules and worked days, as site.versions has it
    after_digest  text NOT NULL,
    release       text,                   -- of the other program; NULL: this one
    undeclared    integer NOT NULL DEFAULT 0,   -- changes that the release does not name
    summary       jsonb NOT NULL,         -- services/ops/rehearsal/tally.py: RehearsalSummary
    lines         jsonb NOT NULL          -- what the tables say otherwise, as `site apply` shows it
);

-- The first of them, as many as a page can show; the summary counts all.
CREATE TABLE desk.rehearsed_changes (
    rehearsal integer NOT NULL REFERENCES desk.rehearsals,
    number    integer NOT NULL,
    item_id   uuid NOT NULL,
    chrono    text,
    service   text NOT NULL,
    reserved  boolean NOT NULL,
    thing     text NOT NULL CHECK (thing IN ('limit', 'result', 'rung', 'notice', 'sorting')),
    subject   text NOT NULL,
    name      text NOT NULL,
    was       text,
    would     text,
    ahead     boolean NOT NULL,
    cause     text NOT NULL,
    detail    text NOT NULL,
    PRIMARY KEY (rehearsal, number)
);

INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'desk', 'rehearsals', '{SELECT}'),
    ('*', 'desk', 'rehearsed_changes', '{SELECT}');

-- Whoever rehearses reads facts, and adds a rehearsal: nothing else (beside schema site, which every role reads).
GRANT USAGE ON SCHEMA desk TO vaguemestre_rehearsal;
GRANT SELECT ON desk.facts, desk.items, desk.arrivals, desk.replies, desk.quality_facts TO vaguemestre_rehearsal;
GRANT SELECT, INSERT ON desk.rehearsals, desk.rehearsed_changes TO vaguemestre_rehearsal;
