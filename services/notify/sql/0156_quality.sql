-- What the register stated about its figures: a second copy, which its role can't reach, of the hash of each
-- month that was closed, each list that was frozen and the list of each draw.
CREATE TABLE notify.quality (
    event_id    uuid PRIMARY KEY,
    seq         integer NOT NULL,
    subject_id  uuid NOT NULL,
    type        text NOT NULL,
    sha256      text NOT NULL,
    happened_at timestamptz NOT NULL
);
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'notify', 'quality', '{SELECT,INSERT}');
