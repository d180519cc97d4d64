-- Calendar feeds (docs/decisions/0177): the secret address at which a person's diary reads limits and dates. Of the
-- secret only its digest is here; a person has one address or none. Which items it names is judged at each request.
CREATE TABLE desk.calendar_feeds (
    person   text PRIMARY KEY,
    digest   text NOT NULL UNIQUE CHECK (digest ~ '^[0-9a-f]{64}$'),
    services text[] NOT NULL,
    label    boolean NOT NULL,                                        -- the dates of the label too
    given_at timestamptz NOT NULL,
    CHECK (label OR cardinality(services) > 0)
);

ALTER TABLE desk.journal DROP CONSTRAINT journal_what_check;
-- Not verified, as in 0420: every line stood under the narrower one. `handed-over` is the word of 0582, which may be
-- applied before this one.
ALTER TABLE desk.journal ADD CONSTRAINT journal_what_check CHECK (what IN (
    'sign-in', 'sign-in-refused', 'sign-out', 'reading', 'download', 'upload', 'refusal', 'purge', 'audit',
    'key-given', 'key-confirmed', 'key-revoked', 'fetched-ahead',
    'webhook-given', 'webhook-secret', 'webhook-ended', 'webhook-retried', 'webhook-passed',
    'handed-over', 'calendar-given', 'calendar-ended')) NOT VALID;
