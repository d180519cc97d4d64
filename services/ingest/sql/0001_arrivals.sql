-- What ingest remembers: every appearance once, where it stood, and how far each source was read.

CREATE TABLE ingest.arrivals (
    arrival_id  uuid PRIMARY KEY,
    source      text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('enter', 'set_aside', 'quarantine', 'probe', 'bounce',
                                              'departure', 'seen')),
    reason      text,                 -- of what was set aside or quarantined
    revision    integer NOT NULL DEFAULT 1,
    fingerprint text,                 -- null for what is only observed (Sent)
    message     text,                 -- digest of the Message-ID
    original    text,                 -- key of the octets; null for a probe and for what is only observed
    pli         text,
    shown_at    timestamptz NOT NULL, -- the source's own date (INTERNALDATE, first seen): judged with again
    recorded_at timestamptz NOT NULL
);
CREATE INDEX arrivals_fingerprint ON ingest.arrivals (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX arrivals_message ON ingest.arrivals (message) WHERE message IS NOT NULL;
CREATE INDEX arrivals_source ON ingest.arrivals (source, recorded_at);

-- Where each mail stands on its server: two places of one arrival are the same mail delivered twice.
CREATE TABLE ingest.places (
    source      text NOT NULL,
    uidvalidity bigint NOT NULL,
    uid         bigint NOT NULL,
    arrival_id  uuid NOT NULL REFERENCES ingest.arrivals,
    marked      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (source, uidvalidity, uid)
);
CREATE INDEX places_arrival ON ingest.places (arrival_id);
CREATE INDEX places_unmarked ON ingest.places (source, uidvalidity) WHERE NOT marked;

CREATE TABLE ingest.checkpoints (
    source      text PRIMARY KEY,
    uidvalidity bigint,               -- null for what is no mailbox
    last_uid    bigint NOT NULL DEFAULT 0,
    read_until  timestamptz,          -- begin of the last complete pass
    told_until  timestamptz           -- the last SourceRead
);
