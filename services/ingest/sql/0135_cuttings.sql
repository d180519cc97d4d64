-- How a scanned file was cut, kept before its first document: read again after a crash, under load or
-- under other rules, the same octets give the same documents, whatever a page shows this time.
CREATE TABLE ingest.cuttings (
    source   text NOT NULL,
    file     text NOT NULL,              -- SHA-256 of the whole file
    cutting  text NOT NULL,              -- services/ingest/scan_cuts.py: KeptCutting, JSON
    kept_at  timestamptz NOT NULL,
    PRIMARY KEY (source, file)
);
INSERT INTO site.table_rights (role, schema_name, table_name, rights)
VALUES ('*', 'ingest', 'cuttings', ARRAY['SELECT', 'INSERT']);
