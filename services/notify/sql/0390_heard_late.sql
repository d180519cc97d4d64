-- What ended reminders about quality, by its place in the chain: a reminder that is heard late, after what ended it,
-- is told to nobody (docs/decisions/0109).
CREATE TABLE notify.quality_reminder_ends (
    event_id  uuid PRIMARY KEY,
    seq       integer NOT NULL,
    what      text,                       -- a step of the label's calendar; NULL: all of them
    documents boolean,
    due       date
);
CREATE INDEX quality_reminder_ends_seq ON notify.quality_reminder_ends (seq);
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'notify', 'quality_reminder_ends', '{SELECT,INSERT}');

-- The last check of each page of the website.
CREATE TABLE notify.website_checks (
    page text PRIMARY KEY,
    seq  integer NOT NULL
);

-- When the register stated that a date of the label comes near: one that it could state only after the date is told
-- all the same. Of reminders of before, their date.
ALTER TABLE notify.quality_reminders ADD COLUMN fell_on date;
