-- It hears nothing; a schema has the same plumbing everywhere.
SELECT site.keep_offsets('ingest');
