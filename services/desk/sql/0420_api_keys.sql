-- The keys by which other programs ask the register (docs/decisions/0145). A key's secret is 256 random bits, of which
-- only the digest is kept. What a key may do never changes: whoever wants more makes another and revokes this one.
-- One that reads letters (scopes `content`, `reserved`) opens nothing until a second person confirmed it.
CREATE TABLE desk.api_keys (
    key        text PRIMARY KEY CHECK (key ~ '^[0-9a-f]{12}$'),       -- the half that is shown and journalled
    digest     text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),       -- SHA-256 of the other half
    label      text NOT NULL CHECK (label <> ''),                     -- which application, in words
    scopes     text[] NOT NULL CHECK (cardinality(scopes) > 0),
    services   text[] CHECK (cardinality(services) > 0),              -- null: every service
    per_minute integer NOT NULL CHECK (per_minute > 0),
    given_by   text NOT NULL,                                         -- as facts write their author
    given_at   timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > given_at),
    decision   uuid NOT NULL UNIQUE,                                  -- of the form that asked for it: sent twice, one key
    confirmed_by text CHECK (confirmed_by LIKE 'person:%'),           -- never an account, which is nobody
    confirmed_at timestamptz,
    revoked_by text,
    revoked_at timestamptz,
    seen_on    date,                                                  -- the last day on which it asked something
    CHECK (confirmed_by <> given_by),
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);

CREATE FUNCTION desk.keep_api_keys() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.key, NEW.digest, NEW.label, NEW.scopes, NEW.services, NEW.per_minute, NEW.given_by, NEW.given_at,
            NEW.expires_at, NEW.decision) IS NOT DISTINCT FROM
           (OLD.key, OLD.digest, OLD.label, OLD.scopes, OLD.services, OLD.per_minute, OLD.given_by, OLD.given_at,
            OLD.expires_at, OLD.decision)
           AND (OLD.confirmed_at IS NULL
                OR (NEW.confirmed_by, NEW.confirmed_at) IS NOT DISTINCT FROM (OLD.confirmed_by, OLD.confirmed_at))
           AND (OLD.revoked_at IS NULL
                OR (NEW.revoked_by, NEW.revoked_at) IS NOT DISTINCT FROM (OLD.revoked_by, OLD.revoked_at)) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'A key is never widened, given back nor removed: revoke it, and make another.';
END
$keep$;
CREATE TRIGGER keep_api_keys BEFORE UPDATE OR DELETE ON desk.api_keys
    FOR EACH ROW EXECUTE FUNCTION desk.keep_api_keys();

ALTER TABLE desk.journal DROP CONSTRAINT journal_what_check;
-- Not verified: every line stood under the narrower one, and a scan would keep everybody waiting who is journalled.
ALTER TABLE desk.journal ADD CONSTRAINT journal_what_check CHECK (what IN (
    'sign-in', 'sign-in-refused', 'sign-out', 'reading', 'download', 'upload', 'refusal', 'purge', 'audit',
    'key-given', 'key-confirmed', 'key-revoked')) NOT VALID;
