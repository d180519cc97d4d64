-- online
-- Items that lie with somebody to be read or signed (0693): a digest costs what waits.
CREATE INDEX CONCURRENTLY items_signing ON notify.items (item_id) WHERE signing;
