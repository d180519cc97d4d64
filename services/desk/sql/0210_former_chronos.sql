-- Numbers that people hold from hours that a restore of the database lost, and that lead to the item that has another
-- one now (docs/decisions/0074).
CREATE TABLE desk.former_chronos (
    chrono   text PRIMARY KEY,
    item_id  uuid,           -- whose it is; NULL until somebody says under which number it was keyed again
    said     text NOT NULL,  -- what was told when it was given: codes and days, no name
    named_by text,           -- who said whose it is; NULL: it was known
    named_at timestamptz
);
CREATE INDEX former_chronos_of_item ON desk.former_chronos (item_id) WHERE item_id IS NOT NULL;

-- Every number of arrivals by which an item is found: its own, and those that it had before and nobody else bears.
CREATE VIEW desk.numbers AS
SELECT chrono, item_id FROM desk.items
UNION ALL
SELECT former.chrono, former.item_id FROM desk.former_chronos AS former JOIN desk.items USING (item_id)
WHERE NOT EXISTS (SELECT FROM desk.items AS bearer WHERE bearer.chrono = former.chrono);

INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'desk', 'former_chronos', '{SELECT}'),
    ('desk', 'desk', 'former_chronos', '{SELECT,UPDATE}');
