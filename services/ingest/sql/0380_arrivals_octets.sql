-- online
-- Which arrival some octets are (docs/decisions/0115): asked of each mail that its id does not know, so that one that is
-- read otherwise after an upgrade is not taken for another mail when its mailbox is numbered anew.
CREATE INDEX CONCURRENTLY arrivals_octets ON ingest.arrivals USING hash (right(original, 64));
