-- Letters that no rule recognised stood under a rule of the name "fallback", and the list of those that no rule
-- recognised was empty. Rows of letters that wait, locked in the order in which everybody locks them.
WITH waiting AS MATERIALIZED (
    SELECT item_id FROM desk.items WHERE state = 'to_qualify' AND queue_rule = 'fallback'
    ORDER BY item_id FOR UPDATE
)
UPDATE desk.items SET queue_rule = '-' FROM waiting WHERE items.item_id = waiting.item_id;
