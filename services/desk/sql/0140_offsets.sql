-- How far the topics that it hears were taken.
SELECT site.keep_offsets('desk');
-- The pages hear nothing: they only see that the register went back.
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('web', 'desk', 'offsets', '{SELECT}');
