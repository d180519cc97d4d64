-- What of the quality system is to be done soon, for the digest of whom it concerns. A reminder is told to each
-- reader in one digest, and never again; one whose date was moved or whose step was held is told no more.
CREATE TABLE notify.quality_reminders (
    event_id   uuid PRIMARY KEY,
    what       text NOT NULL,            -- a step of the label's calendar (quality.yaml)
    documents  boolean NOT NULL,
    due        date NOT NULL,
    tell       text[] NOT NULL,
    ended      boolean NOT NULL DEFAULT false
);
CREATE INDEX quality_reminders_open ON notify.quality_reminders (due) WHERE NOT ended;
CREATE TABLE notify.quality_reminders_told (
    event_id   uuid NOT NULL REFERENCES notify.quality_reminders,
    audience   text NOT NULL,
    notice_id  uuid NOT NULL,
    PRIMARY KEY (event_id, audience)
);
CREATE INDEX quality_reminders_told_by ON notify.quality_reminders_told (notice_id);
