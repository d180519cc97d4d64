-- Numbers that were given in hours which a restore of the database lost, and that people hold: the item that
-- comes in again (or the notice of a reply, for a departure) takes its own back; nobody else ever gets one.
CREATE TABLE desk.promised_chronos (
    id     uuid PRIMARY KEY,       -- of the item; of the notice, for a departure
    chrono text NOT NULL UNIQUE
);
INSERT INTO site.table_rights (role, schema_name, table_name, rights)
VALUES ('*', 'desk', 'promised_chronos', '{SELECT}');
