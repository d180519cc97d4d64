-- Invitations to the survey by mail after a reply (docs/decisions/0100): who was drawn, and what notify told of each mail.
-- No sheet, code or answer is named by them. The campaign's own link has the channel `mail`.
CREATE TABLE desk.survey_invitations (
    notice_id uuid PRIMARY KEY,
    campaign  integer NOT NULL,
    item_id   uuid NOT NULL,
    drawn_on  date NOT NULL,
    state     text NOT NULL DEFAULT 'drawn',
    why       text,
    revision  integer NOT NULL DEFAULT 0,
    sent_at   timestamptz                 -- when a server took it, also of one that came back later
);
CREATE INDEX survey_invitations_campaign ON desk.survey_invitations (campaign);
CREATE INDEX survey_invitations_item ON desk.survey_invitations (item_id);

ALTER TABLE desk.survey_sheets DROP CONSTRAINT survey_sheets_channel_check;
ALTER TABLE desk.survey_sheets ADD CONSTRAINT survey_sheets_channel_check
    CHECK (channel IN ('poster', 'counter', 'paper', 'telephone', 'mail')) NOT VALID;
ALTER TABLE desk.survey_doors DROP CONSTRAINT survey_doors_channel_check;
ALTER TABLE desk.survey_doors ADD CONSTRAINT survey_doors_channel_check
    CHECK (channel IN ('poster', 'mail')) NOT VALID;
