-- Transfers to the archive (docs/decisions/0127): a list of items whose time is over, the archivist's visa, what the
-- package that was taken held, and each reply of the archive, whole. No content and no sender is here.
CREATE TABLE desk.archive_transfers (
    transfer    text PRIMARY KEY,        -- '36-2029-V-0001', the MessageIdentifier of its package
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    digest      text NOT NULL,           -- SHA-256 of the table below
    content     bytea NOT NULL,          -- the table that the archivist was shown, octet for octet
    visa        text,
    archivist   text,
    visa_on     date,
    visa_by     text,
    packed_by   text,                    -- who took the package last
    packed_at   timestamptz,
    manifest    text,                    -- SHA-256 of that package's manifest
    octets      bigint,                  -- of that package
    accepted_at timestamptz,             -- when a reply was noted by which the archive has it
    refused_at  timestamptz,             -- when a reply was noted by which it has it not
    dropped_by  text,
    dropped_at  timestamptz,
    CHECK ((visa IS NULL) = (visa_on IS NULL)),
    CHECK (packed_at IS NULL OR visa IS NOT NULL),
    CHECK (accepted_at IS NULL OR packed_at IS NOT NULL),
    CHECK (accepted_at IS NULL OR dropped_at IS NULL)
);
CREATE TABLE desk.archive_transfer_items (
    transfer text NOT NULL REFERENCES desk.archive_transfers,
    item_id  uuid NOT NULL,
    chrono   text NOT NULL,
    category text NOT NULL,
    ended_on date NOT NULL,
    due_on   date NOT NULL,
    outcome  text,                       -- 'packed', or why it is not in the package; null: no package yet
    PRIMARY KEY (transfer, item_id)
);
CREATE INDEX archive_transfer_items_item ON desk.archive_transfer_items (item_id);
CREATE TABLE desk.archive_replies (
    digest   text NOT NULL,              -- SHA-256 of the reply
    transfer text NOT NULL REFERENCES desk.archive_transfers,
    content  bytea NOT NULL,             -- the ArchiveTransferReply, octet for octet
    code     text NOT NULL,
    accepted boolean NOT NULL,
    granted_at timestamptz,
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL,
    PRIMARY KEY (transfer, digest)
);
