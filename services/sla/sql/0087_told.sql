-- Up to which fall of rungs it was said that nothing due is left: once a day, whoever of the tickers says it.
CREATE TABLE sla.told (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    until  timestamptz NOT NULL
);
