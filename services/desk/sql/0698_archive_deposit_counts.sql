-- What `vaguemestre status` says of packages on their way to the archive's own server: sums, of transfers that are open. Its
-- role sees no transfer's number, by which the two tables belong together.
CREATE VIEW desk.archive_deposit_counts AS
SELECT count(*) FILTER (WHERE d.state = 'failed') AS failed,
       count(*) FILTER (WHERE d.state <> 'failed' AND d.attempts >= 3) AS unanswered
FROM desk.archive_deposits d JOIN desk.archive_transfers t USING (transfer)
WHERE t.accepted_at IS NULL AND t.refused_at IS NULL AND t.dropped_at IS NULL;
