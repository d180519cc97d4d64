-- The mails that a process judges at this moment: what it leaves here when it is killed was in its hand at a
-- death. At two, a mail is not opened again (docs/decisions/0044).
CREATE TABLE ingest.judging (
    source      text NOT NULL,
    uidvalidity bigint NOT NULL,
    uid         bigint NOT NULL,
    run         uuid,                 -- who has it in hand; null: nobody does
    deaths      integer NOT NULL DEFAULT 0,
    PRIMARY KEY (source, uidvalidity, uid)
);
