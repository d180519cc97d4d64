-- The mails whose attached files are still to be read (docs/decisions/0118): put in with the arrival, taken out in the
-- transaction that tells what was read, so that a process that dies in between has them read again, and told once.
CREATE TABLE ingest.attachment_readings (
    arrival_id uuid PRIMARY KEY REFERENCES ingest.arrivals,
    since      timestamptz NOT NULL,
    instance   text,                -- which process reads it now; null: none does
    taken_at   timestamptz,         -- since when
    tries      integer NOT NULL DEFAULT 0
);
CREATE INDEX attachment_readings_since ON ingest.attachment_readings (since);
