-- A rebuild empties what follows from facts, and facts are put back as they were told (docs/decisions/0038).
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'sla', 'facts', '{SELECT,INSERT,DELETE,TRUNCATE}'),
    ('*', 'sla', 'running', '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}');
