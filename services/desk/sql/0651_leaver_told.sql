-- A word of the journal: a directory said by SCIM that a colleague left (docs/decisions/0148).
ALTER TABLE desk.journal DROP CONSTRAINT journal_what_check;
-- Not verified, as in 0420: every line stood under the narrower one.
ALTER TABLE desk.journal ADD CONSTRAINT journal_what_check CHECK (what IN (
    'sign-in', 'sign-in-refused', 'sign-out', 'reading', 'download', 'upload', 'refusal', 'purge', 'audit',
    'key-given', 'key-confirmed', 'key-revoked', 'fetched-ahead',
    'webhook-given', 'webhook-secret', 'webhook-ended', 'webhook-retried', 'webhook-passed',
    'handed-over', 'calendar-given', 'calendar-ended', 'provider-sign-out', 'leaver-told')) NOT VALID;
