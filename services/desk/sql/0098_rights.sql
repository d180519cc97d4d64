-- What the register only adds to: nobody who writes it may change or remove a line (docs/decisions/0038).
INSERT INTO site.table_rights (role, schema_name, table_name, rights)
SELECT '*', 'desk', unnest(ARRAY['facts', 'roots', 'root_heads', 'readings', 'closed_months', 'closed_promises',
                                 'departures', 'letter_uses', 'past_lines', 'labels', 'messages']),
       ARRAY['SELECT', 'INSERT'];

-- The pages hear nothing and seal nothing; in schema `site` they may do what the register's role may.
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('web', 'desk', 'inbox', '{}'),
    ('web', 'desk', 'dead_letters', '{SELECT}'),
    ('web', 'desk', 'roots', '{SELECT}'),
    ('web', 'desk', 'root_heads', '{SELECT}');

-- Whoever is not signed in: the public's form, and what became of a deposit.
GRANT USAGE ON SCHEMA desk, site TO vaguemestre_public;
GRANT SELECT, INSERT ON desk.deposits TO vaguemestre_public;
GRANT SELECT (arrival_id, word, item_id) ON desk.arrivals TO vaguemestre_public;
GRANT SELECT (item_id, chrono, received_on) ON desk.items TO vaguemestre_public;
