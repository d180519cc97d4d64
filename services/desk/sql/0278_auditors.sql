-- An auditor on site signs in without an account of the identity provider: by a code from the référent qualité and one
-- from the SG, in one browser, on the days that both agreed. Here is what the door needs; who it is, and what they
-- drew, stands in the chain of quality. Codes and browsers are kept as digests.
CREATE TABLE desk.auditor_doors (
    number    integer PRIMARY KEY,       -- the session's, as its facts have it
    first_day date NOT NULL,             -- local days, both included
    last_day  date NOT NULL CHECK (last_day BETWEEN first_day AND first_day + 4),
    invited   text NOT NULL UNIQUE,      -- SHA-256 of the code of whoever invited
    confirmed text,                      -- SHA-256 of the second person's; NULL: nobody has confirmed
    browser   text UNIQUE,               -- SHA-256 of the cookie of the one browser; NULL: nobody came
    tries     integer NOT NULL DEFAULT 0,
    closed_at timestamptz
);
ALTER TABLE desk.sessions ADD COLUMN auditor integer REFERENCES desk.auditor_doors (number);

ALTER TABLE desk.journal DROP CONSTRAINT journal_what_check;
ALTER TABLE desk.journal ADD CONSTRAINT journal_what_check CHECK (what IN (
    'sign-in', 'sign-in-refused', 'sign-out', 'reading', 'download', 'upload', 'refusal', 'purge', 'audit'));
