-- online
-- The lists that services work from, by day of receipt and by number (0060 has them by limit).
CREATE INDEX CONCURRENTLY items_open_by_receipt ON desk.items (received_on, chrono)
    WHERE state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred');
CREATE INDEX CONCURRENTLY items_open_by_number ON desk.items (chrono)
    WHERE state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred');
