-- Files that a page was handed are in the journal too, whatever becomes of them.
ALTER TABLE desk.journal DROP CONSTRAINT journal_what_check;
ALTER TABLE desk.journal ADD CONSTRAINT journal_what_check CHECK (what IN (
    'sign-in', 'sign-in-refused', 'sign-out', 'reading', 'download', 'upload', 'refusal', 'purge'));
