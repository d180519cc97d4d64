-- How many arrivals are kept, by source and kind.
SELECT site.keep_counts('ingest', 'arrivals', 'source, kind');
