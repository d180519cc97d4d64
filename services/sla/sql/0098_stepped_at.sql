-- The moment at which an item was last stepped: later than now, it was by a clock that went ahead, and a
-- process with the right time steps it again (docs/decisions/0039).
ALTER TABLE sla.items ADD stepped_at timestamptz;
CREATE INDEX items_stepped ON sla.items (stepped_at);
