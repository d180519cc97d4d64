-- The satisfaction survey. A sheet has no name, no item, no address and no hour: a campaign, the way it came, a
-- place and an ISO week. Its id is of chance. Facts of quality have how many sheets a batch has, and its digest.
CREATE TABLE desk.survey_sheets (
    sheet_id  uuid PRIMARY KEY,
    campaign  integer NOT NULL,
    channel   text NOT NULL CHECK (channel IN ('poster', 'counter', 'paper', 'telephone')),
    place     text NOT NULL,
    week      text NOT NULL CHECK (week ~ '^\d{4}-W\d{2}$'),
    answers   smallint[] NOT NULL,       -- in the order of the form's questions; 0: not concerned, NULL: none
    batch     integer CHECK (batch > 0), -- NULL: not sealed yet
    CHECK (0 <= ALL (array_remove(answers, NULL)) AND 4 >= ALL (array_remove(answers, NULL)))
);
CREATE INDEX survey_sheets_campaign ON desk.survey_sheets (campaign, batch);

-- What is sealed neither changes nor goes; before, whoever typed a sheet may type it again.
CREATE FUNCTION desk.keep_sheets() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.batch IS NULL AND (NEW.sheet_id, NEW.campaign, NEW.channel, NEW.place, NEW.week)
                = (OLD.sheet_id, OLD.campaign, OLD.channel, OLD.place, OLD.week) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'A sealed sheet of the survey is never changed, and none is removed.';
END
$keep$;
CREATE TRIGGER keep_sheets BEFORE UPDATE OR DELETE ON desk.survey_sheets
    FOR EACH ROW EXECUTE FUNCTION desk.keep_sheets();
CREATE TRIGGER keep_all_sheets BEFORE TRUNCATE ON desk.survey_sheets
    FOR EACH STATEMENT EXECUTE FUNCTION desk.keep_sheets();

-- One sheet in twenty is typed twice: how often both differ is told beside the results.
CREATE TABLE desk.survey_second_entries (
    sheet_id  uuid PRIMARY KEY REFERENCES desk.survey_sheets,
    cells     integer NOT NULL CHECK (cells > 0),
    differing integer NOT NULL CHECK (differing BETWEEN 0 AND cells)
);

-- What was written freely stands apart from the sheet it came with, so that nobody joins them again.
-- `body` is what was written until the quality officer has masked it, and then what may be read.
CREATE TABLE desk.survey_verbatims (
    verbatim_id uuid PRIMARY KEY,
    campaign    integer NOT NULL,
    week        text NOT NULL CHECK (week ~ '^\d{4}-W\d{2}$'),
    body        text,                    -- NULL: withheld, or erased
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'readable', 'withheld', 'erased')),
    CHECK ((body IS NULL) = (state IN ('withheld', 'erased')))
);
CREATE INDEX survey_verbatims_campaign ON desk.survey_verbatims (campaign, state);
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'desk', 'survey_sheets', '{SELECT,INSERT,UPDATE}'),
    ('*', 'desk', 'survey_second_entries', '{SELECT,INSERT}'),
    ('*', 'desk', 'survey_verbatims', '{SELECT,INSERT,UPDATE}');
