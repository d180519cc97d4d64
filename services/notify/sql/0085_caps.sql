-- To whom an automatic mail went, for the caps: an address without its plus part, and its domain where others do not
-- share it, as keyed pseudonyms; and when.
ALTER TABLE notify.ledger
    ADD COLUMN mailbox text,
    ADD COLUMN domain  text,
    ADD COLUMN told_at timestamptz;
CREATE INDEX ledger_told_mailbox ON notify.ledger (mailbox, told_on) WHERE told_on IS NOT NULL;
CREATE INDEX ledger_told_domain ON notify.ledger (domain, told_on) WHERE told_on IS NOT NULL;
CREATE INDEX ledger_told_at ON notify.ledger (told_at) WHERE told_at IS NOT NULL;
CREATE INDEX ledger_mailbox ON notify.ledger (mailbox, planned_at) WHERE mailbox IS NOT NULL;

-- The local days on which an address hit its cap.
CREATE TABLE notify.capped (
    mailbox text NOT NULL,
    day     date NOT NULL,
    PRIMARY KEY (mailbox, day)
);

-- Addresses that hit it twice: nothing automatic goes there before a person says so.
CREATE TABLE notify.silenced (
    mailbox   text PRIMARY KEY,
    since     timestamptz NOT NULL,
    lifted_at timestamptz,
    lifted_by text
);
