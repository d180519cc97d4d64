-- The mails that each instance judges at this moment (docs/decisions/0044, 0059): each keeps its own rows, or two that
-- die by turns would take each other's last death away. `ingest.judging` had one row for all; programs before this one
-- still write it.
CREATE TABLE ingest.in_hand (
    source      text NOT NULL,
    uidvalidity bigint NOT NULL,
    uid         bigint NOT NULL,
    instance    text NOT NULL,        -- '' where none is named
    run         uuid,                 -- which start of it has the mail in hand; null: none does
    touched_at  timestamptz NOT NULL, -- when that run last said so
    deaths      integer NOT NULL DEFAULT 0,
    PRIMARY KEY (source, uidvalidity, uid, instance)
);
