-- What a scanned departure says is shown beside its paper: its pli was told and not kept here.
UPDATE desk.arrivals SET pli = told::jsonb ->> 'pli'
WHERE pli IS NULL AND erased_at IS NULL AND told::jsonb ->> 'type' = 'DepartureScanned';
