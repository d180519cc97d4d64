-- When the last probe came through each mailbox.
CREATE INDEX arrivals_probes ON ingest.arrivals (source, shown_at) WHERE kind = 'probe';
