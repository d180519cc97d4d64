-- News is for all whom an item concerns: its service and those in copy, whoever holds it or was
-- informed (`@` before a person), and those whom it concerned before the change.
CREATE FUNCTION desk.concerned_by(item desk.items) RETURNS text[] LANGUAGE sql IMMUTABLE AS $whom$
    SELECT item.service || item.copies
        || ARRAY(SELECT '@' || person FROM unnest(item.informed || item.agent || item.signatory) person
                 WHERE person IS NOT NULL)
$whom$;

CREATE OR REPLACE FUNCTION desk.tell_news() RETURNS trigger LANGUAGE plpgsql AS $news$
DECLARE
    whom text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT string_agg(DISTINCT one, ' ') INTO whom FROM (
            SELECT unnest(desk.concerned_by(c)) AS one FROM changed c
            UNION ALL SELECT unnest(desk.concerned_by(b)) FROM before b) AS both_sides;
    ELSE
        SELECT string_agg(DISTINCT one, ' ') INTO whom
        FROM (SELECT unnest(desk.concerned_by(c)) AS one FROM changed c) AS new_ones;
    END IF;
    IF whom IS NOT NULL THEN
        PERFORM pg_notify('desk_news', CASE WHEN length(whom) > 7000 THEN '*' ELSE whom END);
    END IF;
    RETURN NULL;
END
$news$;
DROP TRIGGER tell_changed_items ON desk.items;
CREATE TRIGGER tell_changed_items AFTER UPDATE ON desk.items
    REFERENCING NEW TABLE AS changed OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION desk.tell_news();
