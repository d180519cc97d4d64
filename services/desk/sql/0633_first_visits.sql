-- Who has taken or left the guided first visit: it is offered to them no more (docs/decisions/0126).
CREATE TABLE desk.first_visits (
    person  text PRIMARY KEY,
    left_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
