-- By which roads each root left (docs/decisions/0048): to two of ours and, where the site names one, to a
-- mailbox of another house. A mail says every root that waits for its road.
ALTER TABLE notify.seals ADD night integer, ADD sealed_at timestamptz;
CREATE TABLE notify.root_roads (
    event_id  uuid NOT NULL REFERENCES notify.seals,
    road      text NOT NULL,                -- shared/site/roads.py
    notice_id uuid NOT NULL,                -- the mail that says it
    root      text NOT NULL,                -- as the mail says it
    PRIMARY KEY (event_id, road)
);
CREATE INDEX root_roads_notice ON notify.root_roads (notice_id);
-- Until now they left in the digest of the référent qualité.
INSERT INTO notify.root_roads
    SELECT event_id, 'quality_officer', notice_id, root FROM notify.seals WHERE notice_id IS NOT NULL;
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'notify', 'root_roads', '{SELECT,INSERT}');

-- The register compares its roots with what left by each road.
CREATE VIEW notify.roots_left AS
    SELECT road.event_id, seal.day, road.road, road.root, one.state, one.changed_at
    FROM notify.root_roads road
    JOIN notify.seals seal USING (event_id)
    LEFT JOIN notify.ledger one ON one.notice_id = road.notice_id;
GRANT USAGE ON SCHEMA notify TO vaguemestre_web;
GRANT SELECT ON notify.roots_left TO vaguemestre_desk, vaguemestre_web;
