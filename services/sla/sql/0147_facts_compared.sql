-- The register compares its facts with what was heard of them (docs/decisions/0047): its own words and no more,
-- by a view, so that no table of sla is open to it.
CREATE VIEW sla.heard AS SELECT event_id, item_id, seq, payload FROM sla.facts;
GRANT USAGE ON SCHEMA sla TO vaguemestre_desk;
GRANT SELECT ON sla.heard TO vaguemestre_desk;
