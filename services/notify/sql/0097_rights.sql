-- What was heard of an item is never changed (docs/decisions/0038).
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'notify', 'facts', '{SELECT,INSERT}');
