-- Webhooks (docs/decisions/0171): addresses that a key of the API has told what happens to items. A lane is one item of
-- which a webhook has still to be told something: what is told stands in the facts, from `next_seq` on, so a lane is
-- added in the transaction that states a fact, and is gone when all is told. Nothing is written while nobody listens.
CREATE TABLE desk.webhooks (
    webhook      uuid PRIMARY KEY,
    key          text NOT NULL REFERENCES desk.api_keys (key),
    url          text NOT NULL CHECK (url ~ '^https?://'),
    types        text[] CHECK (cardinality(types) > 0),               -- of facts; null: every one
    nonce        bytea NOT NULL CHECK (octet_length(nonce) = 32),     -- of the secret, which is kept nowhere (0173)
    made_by      text NOT NULL,                                       -- id of the site's secret of which it is made
    former_nonce bytea CHECK (octet_length(former_nonce) = 32),
    former_made_by text,
    former_until timestamptz,                                         -- until when the former secret signs as well
    rotation     uuid,                                                -- of the form that asked for it: sent twice, once
    given_by     text NOT NULL,
    given_at     timestamptz NOT NULL,
    decision     uuid NOT NULL UNIQUE,                                -- likewise
    ended_by     text,
    ended_at     timestamptz,
    told_at      timestamptz,                                         -- real time of the last delivery, to the minute
    CHECK ((ended_by IS NULL) = (ended_at IS NULL)),
    CHECK ((former_nonce IS NULL) = (former_until IS NULL)),
    CHECK ((former_nonce IS NULL) = (former_made_by IS NULL))
);

CREATE TABLE desk.webhook_lanes (
    webhook   uuid NOT NULL REFERENCES desk.webhooks (webhook),
    item_id   uuid NOT NULL,
    next_seq  integer NOT NULL CHECK (next_seq > 0),
    since     timestamptz NOT NULL DEFAULT clock_timestamp(),         -- real time, as all here: also in a demo's story
    due_at    timestamptz DEFAULT clock_timestamp(),                  -- while it is being told: when another may try
    attempts  integer NOT NULL DEFAULT 0,
    why       text,                                                   -- code of the last failure
    failed_at timestamptz,                                            -- given up: it waits for a person
    PRIMARY KEY (webhook, item_id),
    CHECK ((due_at IS NULL) = (failed_at IS NOT NULL))
);
CREATE INDEX webhook_lanes_due ON desk.webhook_lanes (webhook, due_at) WHERE due_at IS NOT NULL;

-- A lane that is there is locked until the facts are committed: whoever has told all of it sees them, or comes later.
CREATE FUNCTION desk.note_for_webhooks() RETURNS trigger LANGUAGE plpgsql AS $note$
BEGIN
    IF EXISTS (SELECT FROM desk.webhooks WHERE ended_at IS NULL) THEN
        INSERT INTO desk.webhook_lanes (webhook, item_id, next_seq)
        SELECT w.webhook, s.item_id, min(s.seq)
        FROM stated s CROSS JOIN desk.webhooks w JOIN desk.api_keys k USING (key)
        WHERE w.ended_at IS NULL AND k.revoked_at IS NULL AND s.recorded_at < k.expires_at
          AND (k.confirmed_at IS NOT NULL OR NOT k.scopes && ARRAY['content', 'decide', 'reserved'])
          AND (w.types IS NULL OR s.type = ANY (w.types))
        GROUP BY w.webhook, s.item_id ORDER BY w.webhook, s.item_id
        ON CONFLICT (webhook, item_id) DO UPDATE SET next_seq = webhook_lanes.next_seq;
    END IF;
    RETURN NULL;
END
$note$;
CREATE TRIGGER note_for_webhooks AFTER INSERT ON desk.facts REFERENCING NEW TABLE AS stated
    FOR EACH STATEMENT EXECUTE FUNCTION desk.note_for_webhooks();

ALTER TABLE desk.journal DROP CONSTRAINT journal_what_check;
-- Not verified, as in 0420: every line stood under the narrower one.
ALTER TABLE desk.journal ADD CONSTRAINT journal_what_check CHECK (what IN (
    'sign-in', 'sign-in-refused', 'sign-out', 'reading', 'download', 'upload', 'refusal', 'purge', 'audit',
    'key-given', 'key-confirmed', 'key-revoked', 'fetched-ahead',
    'webhook-given', 'webhook-secret', 'webhook-ended', 'webhook-retried', 'webhook-passed')) NOT VALID;
