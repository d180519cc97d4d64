-- The page of a letter that was fetched before its turn (docs/decisions/0167): content left us, nobody was shown it.
ALTER TABLE desk.journal DROP CONSTRAINT journal_what_check;
-- Not verified, as in 0420: every line stood under the narrower one.
ALTER TABLE desk.journal ADD CONSTRAINT journal_what_check CHECK (what IN (
    'sign-in', 'sign-in-refused', 'sign-out', 'reading', 'download', 'upload', 'refusal', 'purge', 'audit',
    'key-given', 'key-confirmed', 'key-revoked', 'fetched-ahead')) NOT VALID;
