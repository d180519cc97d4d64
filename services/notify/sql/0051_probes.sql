-- When the last probe left for each mailbox: whoever raises it sends one.
CREATE TABLE notify.probes (
    mailbox text PRIMARY KEY,
    sent_at timestamptz NOT NULL
);
