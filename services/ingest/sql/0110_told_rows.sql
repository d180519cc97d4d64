-- Told rows stay in the outbox (shared/sql/0110_told_rows.sql).
SELECT site.keep_told('ingest');
