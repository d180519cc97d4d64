-- The moment of a demo site. No row: a real site, on real time. Time never goes back: what was told would
-- have been told before it was due.
CREATE TABLE site.story (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    moment timestamptz NOT NULL
);

CREATE FUNCTION site.move_story() RETURNS trigger
LANGUAGE plpgsql AS $move$
BEGIN
    IF TG_OP = 'UPDATE' AND new.moment < old.moment THEN
        RAISE EXCEPTION 'The story can''t go back from % to %.', old.moment, new.moment;
    END IF;
    PERFORM pg_notify('site_story', '');
    RETURN new;
END
$move$;

CREATE TRIGGER move_story BEFORE INSERT OR UPDATE ON site.story
    FOR EACH ROW EXECUTE FUNCTION site.move_story();
