-- By what the identity provider names a session when it ends it (docs/decisions/0132): SHA-256 of whom it calls the
-- person and of its own session. Sessions that the version before began have neither and end by themselves.
ALTER TABLE desk.sessions ADD COLUMN subject text, ADD COLUMN provider_session text;

ALTER TABLE desk.journal DROP CONSTRAINT journal_what_check;
-- Not verified, as in 0420: every line stood under the narrower one.
ALTER TABLE desk.journal ADD CONSTRAINT journal_what_check CHECK (what IN (
    'sign-in', 'sign-in-refused', 'sign-out', 'reading', 'download', 'upload', 'refusal', 'purge', 'audit',
    'key-given', 'key-confirmed', 'key-revoked', 'fetched-ahead',
    'webhook-given', 'webhook-secret', 'webhook-ended', 'webhook-retried', 'webhook-passed',
    'handed-over', 'calendar-given', 'calendar-ended', 'provider-sign-out')) NOT VALID;
