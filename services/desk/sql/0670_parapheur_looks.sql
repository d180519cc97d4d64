-- Letters that failed and that the parapheur has are looked at each hour (docs/decisions/0146): those that failed before
-- this was so, as well.
UPDATE desk.parapheur_letters SET due_at = clock_timestamp() + interval '1 hour'
WHERE state = 'failed' AND remote IS NOT NULL AND due_at IS NULL;
