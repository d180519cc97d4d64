-- The ways into a campaign by the public page: a code of chance for each place where a poster hangs.
CREATE TABLE desk.survey_doors (
    code     text PRIMARY KEY CHECK (code ~ '^[a-z2-9]{8}$'),
    campaign integer NOT NULL,
    channel  text NOT NULL CHECK (channel = 'poster'),
    place    text NOT NULL,
    form     text NOT NULL,              -- the frozen form, as JSON
    open     boolean NOT NULL DEFAULT true,
    UNIQUE (campaign, channel, place)
);
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'desk', 'survey_doors', '{SELECT,INSERT,UPDATE}');

-- What the portal may know of a campaign: its form and whether it is open. No sheet, no count.
CREATE VIEW portal.surveys AS SELECT code, campaign, channel, place, form, open FROM desk.survey_doors;
GRANT SELECT ON portal.surveys TO vaguemestre_portal, vaguemestre_desk;

-- How often the page of a code was opened, added up in the portal and written now and then: no visit has a row.
CREATE TABLE portal.survey_visits (
    code text NOT NULL,
    n    integer NOT NULL CHECK (n > 0)
);
GRANT INSERT ON portal.survey_visits TO vaguemestre_portal;
GRANT SELECT ON portal.survey_visits TO vaguemestre_desk;
