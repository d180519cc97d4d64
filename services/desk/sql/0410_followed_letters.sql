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

-- What a code shows: the words of portal.following, whether another office has it now, and whether it has ended without
-- an answer of ours (`ended`: closed, came back, or réservé and passed on, which are not told apart). `promised`: it is in
-- the perimeter and waits for its answer, so that what is promised in general holds for it. No name, no text, no number:
-- the portal knows a letter by its digest alone. A letter that was joined to another is followed there, however long the
-- way (desk.survivor would run with the portal's rights). Of what was destroyed nothing is
-- shown, nor by a number that another letter had before a restore: its sender has the same code.
CREATE VIEW portal.followed_letters AS
    SELECT c.digest,
           CASE WHEN i.answered_at IS NOT NULL THEN 'answered'
                WHEN i.state = 'transferred' AND i.confidentiality = 'normal' THEN 'transferred'
                WHEN i.state IN ('closed', 'transferred', 'returned', 'merged') THEN 'ended'
                ELSE 'registered' END AS state,
           i.perimeter AND i.answered_at IS NULL
               AND i.state NOT IN ('closed', 'transferred', 'returned', 'merged') AS promised,
           own.channel, own.received_on,
           CASE WHEN (i.perimeter OR i.outside_service IS NOT NULL) AND i.confidentiality = 'normal'
                 AND i.state NOT IN ('to_qualify', 'merged', 'transferred', 'destroyed', 'closed', 'returned')
                THEN i.service END AS service,
           CASE WHEN i.state = 'awaiting_pieces' THEN 'pieces' END AS missing,
           i.answered_at
    FROM portal.follow_codes c
    JOIN desk.items own ON own.item_id = c.item_id
    CROSS JOIN LATERAL (
        WITH RECURSIVE way (item_id, merged_into, steps) AS (
            SELECT own.item_id, own.merged_into, 0
            UNION ALL
            SELECT next.item_id, next.merged_into, steps + 1
            FROM way JOIN desk.items next ON next.item_id = way.merged_into WHERE steps < 50
        )
        SELECT item_id FROM way ORDER BY steps DESC LIMIT 1
    ) AS last
    JOIN desk.items i ON i.item_id = last.item_id
    WHERE own.state <> 'destroyed' AND i.state <> 'destroyed'
      AND NOT EXISTS (SELECT FROM desk.former_chronos former
                      WHERE former.chrono = own.chrono AND former.item_id IS DISTINCT FROM own.item_id);

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
        LEFT JOIN desk.items i ON i.item_id = desk.survivor(c.item_id)
        WHERE c.given_at < before AND coalesce(i.answered_at, c.given_at) < before
          AND (i.item_id IS NULL OR i.state IN ('answered', 'closed', 'transferred', 'destroyed', 'returned'))
        ORDER BY 1 FOR UPDATE OF c SKIP LOCKED);
$forget$;

GRANT SELECT ON portal.followed_letters TO vaguemestre_portal;
GRANT USAGE ON SCHEMA portal TO vaguemestre_notify;
GRANT EXECUTE ON FUNCTION portal.give_follow_code, portal.end_follow_codes TO vaguemestre_notify;
