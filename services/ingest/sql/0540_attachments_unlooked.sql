-- Mails whose files were read while the antivirus was away (docs/decisions/0121): they stay in the queue, and nobody
-- takes them before it answers again. Then its word alone is wanted: what was read is told already.
ALTER TABLE ingest.attachment_readings
    ADD COLUMN later boolean NOT NULL DEFAULT false,
    ADD COLUMN told boolean NOT NULL DEFAULT false;
