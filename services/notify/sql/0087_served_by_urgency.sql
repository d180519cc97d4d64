-- The ledger is served by urgency, then by due time: 0 at once, 1 within the opening hour, 2 pages and what a
-- person ordered, 3 what a machine says to a sender.
ALTER TABLE notify.ledger ADD COLUMN urgency smallint NOT NULL DEFAULT 3;
UPDATE notify.ledger SET urgency = CASE WHEN kind = 'alert' THEN 0 ELSE 2 END
WHERE (reader IS NOT NULL OR ordered IS NOT NULL) AND state IN ('planned', 'unknown', 'held');
CREATE INDEX ledger_served ON notify.ledger (way, urgency, due_at) WHERE state IN ('planned', 'unknown');
-- What calls somebody now and has not left: few rows, asked at each scrape.
CREATE INDEX ledger_at_once ON notify.ledger (due_at)
    WHERE urgency = 0 AND state IN ('planned', 'unknown', 'attempting', 'held');

-- From when on the next mail of a lane may leave, in real time: one rate for all processes of the site.
CREATE TABLE notify.pace (
    lane    text PRIMARY KEY,
    next_at timestamptz NOT NULL
);
