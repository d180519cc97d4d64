-- Pages that are open hear of what changes: the services whose items a statement touched, once a
-- statement. PostgreSQL tells it when the transaction commits, and drops what is told twice in one.
CREATE FUNCTION desk.tell_news() RETURNS trigger LANGUAGE plpgsql AS $news$
DECLARE
    services text;
BEGIN
    SELECT string_agg(DISTINCT service, ' ') INTO services FROM changed;
    IF services IS NOT NULL THEN
        PERFORM pg_notify('desk_news', CASE WHEN length(services) > 7000 THEN '*' ELSE services END);
    END IF;
    RETURN NULL;
END
$news$;
CREATE TRIGGER tell_new_items AFTER INSERT ON desk.items
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION desk.tell_news();
CREATE TRIGGER tell_changed_items AFTER UPDATE ON desk.items
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION desk.tell_news();
