-- The text of each list that was frozen: its hash, number, period and author stand in the chain of quality.
-- Of an auditor's list: numbers, services, channels, days, results; of what is réservé the number alone.
CREATE TABLE desk.frozen_lists (
    list_id uuid PRIMARY KEY,            -- the subject of its ListFrozen
    content text NOT NULL
);
CREATE FUNCTION desk.keep_lists() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    RAISE EXCEPTION 'A frozen list is never changed nor removed: freeze another one.';
END
$keep$;
CREATE TRIGGER keep_lists BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.frozen_lists
    FOR EACH STATEMENT EXECUTE FUNCTION desk.keep_lists();
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'desk', 'frozen_lists', '{SELECT,INSERT}');
