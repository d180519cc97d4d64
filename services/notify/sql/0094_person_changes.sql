-- What was changed of somebody of ours, until the notice to them is written (ADR 0035): codes and ids alone.
CREATE TABLE notify.person_changes (
    event_id  uuid PRIMARY KEY,
    notice_id uuid NOT NULL UNIQUE,
    fact      jsonb NOT NULL
);
