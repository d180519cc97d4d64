-- Sheets that the public sent and that no campaign took any more, by the id of the page that was opened: their number
-- stands on the campaign's page. Nothing of what they say is here, nor when they came.
CREATE TABLE desk.survey_late (
    sheet_id uuid PRIMARY KEY,
    campaign integer NOT NULL
);
CREATE INDEX survey_late_campaign ON desk.survey_late (campaign);
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'desk', 'survey_late', '{SELECT,INSERT}');
