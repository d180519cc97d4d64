-- The letters that wait now: the trigger of 0470 says what their first facts say. A file of its own: it locks these
-- rows alone, in the order in which everybody locks them, as long as it takes (some hundreds as a rule, seconds for a
-- hundred thousand), and no table.
WITH waiting AS MATERIALIZED (
    SELECT item_id FROM desk.items WHERE state = 'to_qualify' AND queue_rule IS NULL
    ORDER BY item_id FOR UPDATE
)
UPDATE desk.items SET queue_rule = queue_rule FROM waiting WHERE items.item_id = waiting.item_id;
