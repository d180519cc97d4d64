-- Whoever has a receipt follows their letter by its number and a code, whichever way it came (docs/decisions/0142).
-- The code stands in the receipt alone: here is the digest of both, written by notify in the transaction that writes
-- the receipt. `key_id`: of the secret that signed it, since what a replaced secret signed ends with its day.
CREATE TABLE portal.follow_codes (
    digest   text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
    item_id  uuid NOT NULL,
    key_id   text NOT NULL CHECK (key_id ~ '^[A-Z2-7]{3}$'),
    given_at timestamptz NOT NULL        -- with the last notice that says it
);
CREATE INDEX follow_codes_key ON portal.follow_codes (key_id);
CREATE INDEX follow_codes_given ON portal.follow_codes (given_at);

-- What a code shows: the same words as portal.following, and whether another office has it now. No name, no text, no
-- number: the portal knows a letter by its digest alone. A letter that was joined to another is followed there.
CREATE VIEW portal.followed_letters AS
    SELECT c.digest,
           CASE WHEN i.answered_at IS NOT NULL THEN 'answered'
                WHEN i.state = 'transferred' AND i.confidentiality = 'normal' THEN 'transferred'
                ELSE 'registered' END AS state,
           own.channel, own.received_on,
           CASE WHEN (i.perimeter OR i.outside_service IS NOT NULL) AND i.confidentiality = 'normal'
                 AND i.state NOT IN ('to_qualify', 'merged', 'transferred', 'destroyed', 'closed', 'returned')
                THEN i.service END AS service,
           CASE WHEN i.state = 'awaiting_pieces' THEN 'pieces' END AS missing,
           i.answered_at
    FROM portal.follow_codes c
    JOIN desk.items own ON own.item_id = c.item_id
    JOIN desk.items i ON i.item_id = coalesce(own.merged_into, own.item_id);

CREATE FUNCTION portal.give_follow_code(code_digest text, item uuid, signed_by text, at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $give$
    INSERT INTO portal.follow_codes (digest, item_id, key_id, given_at)
    VALUES (code_digest, item, signed_by, at)
    ON CONFLICT (digest) DO UPDATE SET given_at = excluded.given_at
$give$;

-- What secrets signed whose day is over.
CREATE FUNCTION portal.end_follow_codes(signed_by text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $end$
    DELETE FROM portal.follow_codes WHERE key_id = ANY (signed_by)
$end$;
REVOKE ALL ON FUNCTION portal.give_follow_code, portal.end_follow_codes FROM public;

-- Ninety days after it was last said or answered a code shows nothing more, unless the letter is open still.
CREATE OR REPLACE FUNCTION portal.forget(before timestamptz) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog AS $forget$
    DELETE FROM portal.deposits WHERE deposit IN (
        SELECT deposit FROM portal.deposits WHERE at < before ORDER BY deposit FOR UPDATE SKIP LOCKED);
    DELETE FROM portal.followed WHERE arrival_id IN (
        SELECT arrival_id FROM portal.followed WHERE recorded_at < before
        ORDER BY arrival_id FOR UPDATE SKIP LOCKED);
    DELETE FROM portal.follow_codes WHERE digest IN (
        SELECT c.digest FROM portal.follow_codes c
        LEFT JOIN desk.items own ON own.item_id = c.item_id
        LEFT JOIN desk.items i ON i.item_id = coalesce(own.merged_into, own.item_id)
        WHERE c.given_at < before AND coalesce(i.answered_at, c.given_at) < before
          AND (i.item_id IS NULL
               OR i.state IN ('answered', 'closed', 'transferred', 'destroyed', 'merged', 'returned'))
        ORDER BY 1 FOR UPDATE OF c SKIP LOCKED);
$forget$;

GRANT SELECT ON portal.followed_letters TO vaguemestre_portal;
GRANT USAGE ON SCHEMA portal TO vaguemestre_notify;
GRANT EXECUTE ON FUNCTION portal.give_follow_code, portal.end_follow_codes TO vaguemestre_notify;
