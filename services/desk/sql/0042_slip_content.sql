-- The table that the archivist was shown, octet for octet: a site may change its durations later.
ALTER TABLE desk.slips ADD content bytea;
