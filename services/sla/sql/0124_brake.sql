-- A wave of rungs that no day has known waits for a person's word (docs/decisions/0051).
CREATE TABLE sla.rungs_of_day (
    day   date PRIMARY KEY,              -- local
    rungs integer NOT NULL               -- that time alone made due, and that were told
);
CREATE TABLE sla.brake (                 -- a row while it holds
    single  boolean PRIMARY KEY DEFAULT true CHECK (single),
    since   timestamptz NOT NULL,
    due     integer NOT NULL,            -- items that wait, as far as they were counted
    largest integer NOT NULL             -- rungs of the busiest of the days that it was judged by
);
CREATE TABLE sla.releases (              -- who let go what waited, or what was to come that day
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at    timestamptz NOT NULL,
    until timestamptz NOT NULL,
    by    text NOT NULL,
    why   text NOT NULL,
    due   integer                        -- none: said beforehand
);
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('*', 'sla', 'releases', '{SELECT,INSERT}');
