-- A plan is some 2 kB of text, and its row lay just above the size from which PostgreSQL compresses: half of what the
-- row's update cost. Up to 4 kB it is kept as it is (docs/decisions/0214); rows that stand change once written.
ALTER TABLE sla.items SET (toast_tuple_target = 4080);
