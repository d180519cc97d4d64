-- desk.keep_histories left rows alone that speak of more facts than their item has (written by hand, or left by a
-- register made anew): they stood among its `most` each time, and enough of them ended its work for good. Whatever is
-- not of the item's seq is made anew, in the order of its key; the night compares what is kept with the facts.
CREATE OR REPLACE FUNCTION desk.keep_histories(most integer) RETURNS bigint
LANGUAGE sql AS $keep$
    WITH stale AS MATERIALIZED (
        SELECT array_agg(missing.item_id) AS ids FROM (
            SELECT i.item_id FROM desk.items i
            LEFT JOIN desk.item_histories h ON h.item_id = i.item_id AND h.seq = i.seq
            WHERE h.item_id IS NULL LIMIT most) AS missing
    ), kept AS (
        INSERT INTO desk.item_histories
        SELECT found.* FROM stale, LATERAL desk.histories_of(stale.ids) AS found
        ORDER BY found.item_id
        ON CONFLICT (item_id) DO UPDATE SET
            seq = excluded.seq, reassigned = excluded.reassigned, proof = excluded.proof
        RETURNING 1
    )
    SELECT count(*) FROM kept
$keep$;
