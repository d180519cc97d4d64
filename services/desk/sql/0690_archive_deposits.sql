-- Packages deposited at the archive's own server (docs/decisions/0184): asked for by a person, sent by `desk keep`. That a
-- package is about to be sent is a row before it is, so that what was taken and not answered is asked for, never sent twice.
-- Moments of attempts are PostgreSQL's own and real, as of the parapheur.
CREATE TABLE desk.archive_deposits (
    transfer  text PRIMARY KEY REFERENCES desk.archive_transfers,
    asked_by  text NOT NULL,
    asked_at  timestamptz NOT NULL,                              -- of the register
    state     text NOT NULL DEFAULT 'to_send' CHECK (state IN ('to_send', 'in_doubt', 'sent', 'failed')),
    manifest  text,                                              -- SHA-256 of the manifest of the last package that was to be sent
    doubt_at  timestamptz,                                       -- when that began to be sent
    due_at    timestamptz DEFAULT clock_timestamp(),             -- of the next attempt or look; null: none
    attempts  integer NOT NULL DEFAULT 0,                        -- without an answer, since the last that had one
    why       text,                                              -- code of the last failure
    said      text NOT NULL DEFAULT '',                          -- in the words of the archive's server
    sent_at   timestamptz,                                       -- of the register: since when it is known to be there
    acknowledged_at timestamptz,                                 -- of the register
    acknowledgement bytea,                                       -- the Acknowledgement, octet for octet
    CHECK (state NOT IN ('to_send', 'in_doubt') OR due_at IS NOT NULL),
    CHECK ((acknowledged_at IS NULL) = (acknowledgement IS NULL)),
    CHECK (state <> 'in_doubt' OR doubt_at IS NOT NULL)
);
CREATE INDEX archive_deposits_due ON desk.archive_deposits (due_at) WHERE due_at IS NOT NULL;
-- Why the archive refused, in its words; what was noted before has them in its octets alone.
ALTER TABLE desk.archive_replies ADD reason text NOT NULL DEFAULT '';
