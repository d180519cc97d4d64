-- When a server took a mail of an exercise, also of one that came back later: the report counts what left.
ALTER TABLE desk.exercise_mails ADD COLUMN sent_at timestamptz;
UPDATE desk.exercise_mails SET sent_at = at WHERE state = 'sent';
