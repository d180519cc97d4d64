-- The pages are served under a role that has nothing of schema portal: it reads the visits of the survey's page here.
CREATE VIEW desk.survey_visits AS SELECT code, n FROM portal.survey_visits;
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'desk', 'survey_visits', '{SELECT}');
