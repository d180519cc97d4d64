-- A number that a departure bears today leads to its letter, not to the item that had it before a restore: 0210 left
-- out those that an arrival bears, and no others.
CREATE OR REPLACE VIEW desk.numbers AS
SELECT chrono, item_id FROM desk.items
UNION ALL
SELECT former.chrono, former.item_id FROM desk.former_chronos AS former JOIN desk.items USING (item_id)
WHERE NOT EXISTS (SELECT FROM desk.items AS bearer WHERE bearer.chrono = former.chrono)
  AND NOT EXISTS (SELECT FROM desk.departures AS bearer WHERE bearer.chrono = former.chrono);
