-- Letters at the parapheur (docs/decisions/0146): prepared here, signed there, sent as today. A row is a letter; its id is
-- the reference by which the parapheur knows it, so that what was accepted and not answered is found and not sent twice.
-- The files are blobs of the folder of that id. Moments of attempts are PostgreSQL's own and real, as of webhooks.
CREATE TABLE desk.parapheur_letters (
    letter    uuid PRIMARY KEY,                                       -- of the form that sent it: sent twice, once
    item_id   uuid NOT NULL REFERENCES desk.items (item_id),
    kind      text NOT NULL,                                          -- as notices
    template  text NOT NULL,                                          -- the standard letter, `letter@version`
    until     date,                                                   -- the date that it announces
    document  text NOT NULL,                                          -- the PDF that was sent there
    signatory text NOT NULL,                                          -- who is to sign
    given_by  text NOT NULL,
    given_at  timestamptz NOT NULL,                                   -- of the register, as in facts
    state     text NOT NULL DEFAULT 'to_send'
        CHECK (state IN ('to_send', 'sent', 'signed', 'refused', 'failed', 'taken_back')),
    remote    text,                                                   -- the parapheur's own id of it
    due_at    timestamptz DEFAULT clock_timestamp(),                  -- of the next attempt; null: none
    attempts  integer NOT NULL DEFAULT 0,                             -- that failed, since the last that did not
    why       text,                                                   -- code of the last failure
    ended_at  timestamptz,                                            -- signed, refused or taken back
    reason    text,                                                   -- of a refusal, in the words of who refused
    signers   text[] NOT NULL DEFAULT '{}',                           -- as the parapheur names them
    signed    text,                                                   -- the PDF with its signatures
    same      boolean,                                                -- it begins with the octets that were sent
    left_at   timestamptz,                                            -- its departure was noted from here
    CHECK ((state = 'signed') = (signed IS NOT NULL)),
    CHECK (state NOT IN ('to_send', 'sent') OR due_at IS NOT NULL)
);
CREATE INDEX parapheur_letters_due ON desk.parapheur_letters (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX parapheur_letters_once ON desk.parapheur_letters (item_id) WHERE state IN ('to_send', 'sent', 'failed');
