-- The applied rules of the préfecture, its people, and the day it went live. Nothing here is ever changed or
-- removed: what was wrong is followed by a row that says better. Moments are given by whoever writes.
CREATE TABLE site.versions (
    version        integer PRIMARY KEY,
    digest         text NOT NULL,          -- SHA-256 of rules and worked days, in lower-case hexadecimal
    bundle         jsonb NOT NULL,         -- shared/site/bundle.py: Site
    days           jsonb NOT NULL,         -- shared/working_days.py: WorkingCalendar
    author         text NOT NULL CHECK (author <> ''),
    why            text NOT NULL CHECK (why <> ''),
    effective_from timestamptz NOT NULL
);

CREATE TABLE site.go_live (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    moment      timestamptz NOT NULL,      -- what was received before is history
    author      text NOT NULL CHECK (author <> ''),
    why         text NOT NULL CHECK (why <> ''),
    recorded_at timestamptz NOT NULL
);

-- The latest row of a person that is valid at a moment says who they are; `gone`: they left.
CREATE TABLE site.people (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person      text NOT NULL,
    first_name  text NOT NULL,
    name        text NOT NULL,
    capacity    text NOT NULL,
    email       text NOT NULL,
    phone       text NOT NULL,
    services    text[] NOT NULL,
    deputy      text,
    gone        boolean NOT NULL DEFAULT false,
    valid_from  timestamptz NOT NULL,
    author      text NOT NULL CHECK (author <> '')
);
CREATE INDEX people_latest ON site.people (person, valid_from DESC, id DESC);

CREATE TABLE site.absences (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person      text NOT NULL,
    first_day   date NOT NULL,
    last_day    date NOT NULL,
    cancels     bigint UNIQUE REFERENCES site.absences,
    valid_from  timestamptz NOT NULL,
    author      text NOT NULL CHECK (author <> ''),
    CHECK (first_day <= last_day)
);
CREATE INDEX absences_days ON site.absences (last_day);

CREATE TABLE site.opening_hours (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    service     text NOT NULL,
    opens       time NOT NULL,
    closes      time NOT NULL,
    valid_from  timestamptz NOT NULL,
    author      text NOT NULL CHECK (author <> ''),
    CHECK (opens < closes)
);
CREATE INDEX opening_hours_latest ON site.opening_hours (service, valid_from DESC, id DESC);

CREATE FUNCTION site.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $refuse$
BEGIN
    RAISE EXCEPTION 'Rows of site.% stand for ever: add one that says better.', TG_TABLE_NAME;
END
$refuse$;

-- Whoever listens on `site` asks again; the payload is the table that has a new row.
CREATE FUNCTION site.tell_change() RETURNS trigger
LANGUAGE plpgsql AS $tell$
BEGIN
    PERFORM pg_notify('site', TG_TABLE_NAME);
    RETURN NULL;
END
$tell$;

DO $each$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['versions', 'go_live', 'people', 'absences', 'opening_hours'] LOOP
        EXECUTE format('CREATE TRIGGER stands BEFORE UPDATE OR DELETE OR TRUNCATE ON site.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION site.refuse_change()', one);
        EXECUTE format('CREATE TRIGGER told AFTER INSERT ON site.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION site.tell_change()', one);
    END LOOP;
END
$each$;
