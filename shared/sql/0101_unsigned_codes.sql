-- Until when codes that were printed before there were signatures are believed: half a year from the upgrade of
-- a préfecture that may have printed some. A new one has none, and no row. site.yaml may say another day.
CREATE TABLE site.unsigned_codes (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    until  date NOT NULL
);
INSERT INTO site.unsigned_codes (until)
SELECT (current_date + interval '6 months')::date WHERE EXISTS (SELECT FROM site.versions);
