-- Invitations to the satisfaction survey (docs/decisions/0100): whose item was answered, under which campaign, and, once
-- the mail was attempted, to whom it went: as a keyed pseudonym of the mailbox, so that nobody is invited twice in a year.
CREATE TABLE notify.survey_invitations (
    notice_id  uuid PRIMARY KEY,
    subject_id uuid NOT NULL,             -- the campaign
    item_id    uuid NOT NULL,
    page       text NOT NULL,             -- the survey's page, the same for everybody
    stop       text,                      -- SHA-256 of the signed token of the link that wants no more
    person     text,
    invited_at timestamptz
);
CREATE INDEX survey_invitations_person ON notify.survey_invitations (person) WHERE person IS NOT NULL;
CREATE INDEX survey_invitations_stop ON notify.survey_invitations (stop) WHERE stop IS NOT NULL;

-- Campaigns that invite nobody any more.
CREATE TABLE notify.survey_ended (
    subject_id uuid PRIMARY KEY
);

-- Who wants no such mail again, by the mailbox's keyed pseudonym: never asked again.
CREATE TABLE notify.survey_refusals (
    person text PRIMARY KEY,
    since  timestamptz NOT NULL
);
