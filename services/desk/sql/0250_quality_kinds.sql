-- Measures and meetings have no table of their own: they are what their facts say, read by kind.
CREATE INDEX quality_facts_kind ON desk.quality_facts (type, seq);
