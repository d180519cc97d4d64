-- Requests to replace numbers of the label (docs/decisions/0158): kept by `site apply`, shown on a page to whoever
-- may be the second of two persons. Who confirmed one is a fact of the chain of quality, not a row here.
CREATE TABLE site.replacements (
    number        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    before_digest text NOT NULL,          -- of the rules that ran (site.versions)
    after_digest  text NOT NULL,          -- of those that were proposed
    numbers       jsonb NOT NULL,         -- shared/site/difference.py: NumberReplaced
    moved         jsonb,                  -- shared/site/replacements.py: LimitsMoved; NULL: nobody could tell
    author        text NOT NULL CHECK (author <> ''),
    account       text NOT NULL,          -- of the system, that typed the command
    why           text NOT NULL CHECK (why <> ''),
    asked_at      timestamptz NOT NULL,
    UNIQUE (before_digest, after_digest)
);

CREATE TRIGGER stands BEFORE UPDATE OR DELETE OR TRUNCATE ON site.replacements
    FOR EACH STATEMENT EXECUTE FUNCTION site.refuse_change();
