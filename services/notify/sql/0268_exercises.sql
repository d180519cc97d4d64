-- Mails of exercises (docs/decisions/0090): which entry of the site's exercise list each is for. The address stands in
-- events.yaml alone, and is looked up when the mail leaves.
CREATE TABLE notify.exercise_mails (
    notice_id  uuid PRIMARY KEY,
    subject_id uuid NOT NULL,
    version    integer NOT NULL,          -- of the reply
    recipient  text NOT NULL              -- the entry's id
);
