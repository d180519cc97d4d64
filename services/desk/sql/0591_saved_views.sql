-- The lists that somebody, or a service, has kept under a name (docs/decisions/0137): an address, and nothing of what
-- it shows. A person's go with them (retention/purge.py); a service's are its head's to change.
CREATE TABLE desk.saved_views (
    view    uuid PRIMARY KEY,
    person  text,                          -- whose it is, or
    service text,                          -- of which service
    name    text NOT NULL CHECK (name <> ''),
    query   text NOT NULL,                 -- of the address below /courriers, as the page wrote it
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    CHECK ((person IS NULL) <> (service IS NULL))
);
CREATE UNIQUE INDEX saved_views_person ON desk.saved_views (person, lower(name)) WHERE person IS NOT NULL;
CREATE UNIQUE INDEX saved_views_service ON desk.saved_views (service, lower(name)) WHERE service IS NOT NULL;
