-- Events of module 7 as all services see them (docs/decisions/0090): the latest row of an event says how it
-- stands. Written by the register in the transaction of the fact; read by notify for receipts, digests, exercises.
CREATE TABLE site.events (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event         uuid NOT NULL,
    code          text NOT NULL,
    exercise      boolean NOT NULL,
    opened_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    closed        boolean NOT NULL DEFAULT false,
    line          text,                    -- approved by two; NULL: receipts say nothing of it
    reply         text,                    -- of an exercise, whose mails no item has
    reply_version integer,
    words         text[] NOT NULL DEFAULT '{}',
    sources       text[] NOT NULL DEFAULT '{}',   -- ids of sources; empty: all
    since         timestamptz,             -- NULL: no rule is approved, so that no mail is about it
    valid_from    timestamptz NOT NULL,
    author        text NOT NULL CHECK (author <> ''),
    CHECK ((reply IS NULL) = (reply_version IS NULL))
);
CREATE INDEX events_latest ON site.events (event, id DESC);

CREATE TRIGGER stands BEFORE UPDATE OR DELETE OR TRUNCATE ON site.events
    FOR EACH STATEMENT EXECUTE FUNCTION site.refuse_change();
CREATE TRIGGER told AFTER INSERT ON site.events
    FOR EACH STATEMENT EXECUTE FUNCTION site.tell_change();
