-- Letters that leave as mails sécurisés (docs/decisions/0206): composed here, sent by Pastell as a link. A row is a letter; its
-- id is the reference by which Pastell knows it, so that what was accepted and not answered is found and not sent twice. No
-- address and no text: both lie in the pli, in the folder of that id, which goes with the item's content. Moments of attempts
-- are PostgreSQL's own and real, as of the parapheur.
CREATE TABLE desk.secure_mails (
    letter      uuid PRIMARY KEY,                                     -- of the form that sent it: sent twice, once
    item_id     uuid NOT NULL REFERENCES desk.items (item_id),
    kind        text NOT NULL,                                        -- as notices
    template    text NOT NULL,                                        -- the standard letter, `letter@version`
    until       date,                                                 -- the date that it announces
    addressee   text,                                                 -- code of the administration that it names
    document    text NOT NULL,                                        -- the PDF
    pli         text NOT NULL,                                        -- to whom, what is read beside it, its files
    given_by    text NOT NULL,
    given_at    timestamptz NOT NULL,                                 -- of the register, as in facts
    state       text NOT NULL DEFAULT 'to_send' CHECK (state IN ('to_send', 'given', 'sent', 'failed', 'taken_back')),
    remote      text,                                                 -- Pastell's own id of it
    due_at      timestamptz DEFAULT clock_timestamp(),                -- of the next attempt or look; null: none
    attempts    integer NOT NULL DEFAULT 0,                           -- that failed, since the last that did not
    why         text,                                                 -- code of the last failure
    sent_at     timestamptz,                                          -- as Pastell says it
    unread_from date,                                                 -- local: whoever is in charge is told from then on
    read_at     timestamptz[] NOT NULL DEFAULT '{}',                  -- by recipient, the addressee first; null: not yet
    returned    boolean NOT NULL DEFAULT false,                       -- a mail server gave the addressee's link back
    reminders   integer NOT NULL DEFAULT 0,                           -- how often Pastell sent the link again
    ended_at    timestamptz,                                          -- taken back
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK (state NOT IN ('to_send', 'given') OR due_at IS NOT NULL)
);
CREATE INDEX secure_mails_due ON desk.secure_mails (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX secure_mails_item ON desk.secure_mails (item_id);
CREATE INDEX secure_mails_unread ON desk.secure_mails (unread_from) WHERE state = 'sent' AND read_at[1] IS NULL;

-- What `vaguemestre status` says of them: its role sees sums alone.
CREATE VIEW desk.secure_mail_counts AS
SELECT count(*) FILTER (WHERE state = 'failed') AS failed,
       count(*) FILTER (WHERE state IN ('to_send', 'given') AND attempts >= 3) AS unanswered
FROM desk.secure_mails;
