-- What may be said of the reply to a followed letter (docs/decisions/0152). `due`, the limit of its reply clock: once the
-- acknowledgement that names its service left without ever having been held – so a person or a certain rule decided
-- service and category – while nothing holds the clock up, of no day 0 that nobody confirmed, and of no recours.
-- `commitment`, the line of commitments.yaml that its reply clock counts by: what is promised in general is said only
-- where that is its own. The other columns are those of 0410; of a recours nothing is `promised`.
ALTER TABLE desk.notices ADD was_held boolean NOT NULL DEFAULT false;   -- some time, though it may have left since
UPDATE desk.notices n SET was_held = true
WHERE n.state = 'held' OR EXISTS (SELECT FROM desk.facts f
                                  WHERE f.item_id = n.item_id AND f.type = 'NoticeReleased'
                                    AND f.payload::jsonb ->> 'notice_id' = n.notice_id::text);

CREATE OR REPLACE VIEW portal.followed_letters AS
    SELECT c.digest,
           CASE WHEN i.answered_at IS NOT NULL THEN 'answered'
                WHEN i.state = 'transferred' AND i.confidentiality = 'normal' THEN 'transferred'
                WHEN i.state IN ('closed', 'transferred', 'returned', 'merged') THEN 'ended'
                ELSE 'registered' END AS state,
           i.perimeter AND i.answered_at IS NULL AND i.nature <> 'appeal'
               AND i.state NOT IN ('closed', 'transferred', 'returned', 'merged') AS promised,
           own.channel, own.received_on,
           CASE WHEN (i.perimeter OR i.outside_service IS NOT NULL) AND i.confidentiality = 'normal'
                 AND i.state NOT IN ('to_qualify', 'merged', 'transferred', 'destroyed', 'closed', 'returned')
                THEN i.service END AS service,
           CASE WHEN i.state = 'awaiting_pieces' THEN 'pieces' END AS missing,
           i.answered_at,
           CASE WHEN i.perimeter AND i.answered_at IS NULL AND i.confidentiality = 'normal'
                 AND NOT i.provisional AND i.nature <> 'appeal'
                 AND i.due_clock = 'reply'
                 AND i.state NOT IN ('to_qualify', 'merged', 'transferred', 'destroyed', 'closed', 'returned',
                                     'awaiting_pieces', 'awaiting_third')
                 AND EXISTS (SELECT FROM desk.notices n
                             WHERE n.item_id = i.item_id AND n.kind = 'simple' AND n.state = 'sent'
                               AND NOT n.was_held)
                THEN i.due END AS due,
           (SELECT c.commitment FROM desk.clocks c
            WHERE c.item_id = i.item_id AND c.clock = 'reply') AS commitment
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
