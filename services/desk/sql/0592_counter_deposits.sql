-- Who handed in how many scanned files at the counter today, so that its page says which numbers they get
-- (docs/decisions/0144). No name of a file; a row is forgotten after two days.
CREATE TABLE desk.counter_deposits (
    deposit uuid PRIMARY KEY,
    person  text NOT NULL,
    at      timestamptz NOT NULL,
    files   integer NOT NULL CHECK (files > 0)
);
CREATE INDEX counter_deposits_person ON desk.counter_deposits (person, at);
