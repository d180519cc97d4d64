-- What notify told of each mail of an exercise (docs/decisions/0090): no item has it, so that it stands apart.
CREATE TABLE desk.exercise_mails (
    notice_id uuid PRIMARY KEY,
    state     text NOT NULL,
    at        timestamptz NOT NULL,
    revision  integer NOT NULL
);
