-- Whether a sticker was scanned before is asked for each paper that bears one.
CREATE INDEX arrivals_label ON desk.arrivals (label) WHERE label IS NOT NULL;
