-- The mails that an instance reads apart, because they take long to open (docs/decisions/0202): the checkpoint is past
-- them, and another instance on the same mailbox does not say that it is read until they are kept.
CREATE TABLE ingest.mails_apart (
    source      text NOT NULL,
    uidvalidity bigint NOT NULL,
    uid         bigint NOT NULL,
    shown_after timestamptz,          -- begin of the last pass that did not show it; null: nobody knows
    set_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (source, uidvalidity, uid)
);
