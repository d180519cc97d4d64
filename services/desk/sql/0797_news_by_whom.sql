-- Whom the items of a batch concern is asked once for items that concern the same, where it was asked of each of them,
-- before and after: a third of what their triggers cost (docs/decisions/0227).
CREATE FUNCTION desk.concerned(service text, copies text[], informed text[], agent text, signatory text)
RETURNS text[] LANGUAGE sql IMMUTABLE AS $whom$
    SELECT service || copies
        || ARRAY(SELECT '@' || person FROM unnest(informed || agent || signatory) person WHERE person IS NOT NULL)
$whom$;
CREATE OR REPLACE FUNCTION desk.concerned_by(item desk.items) RETURNS text[] LANGUAGE sql IMMUTABLE AS $whom$
    SELECT desk.concerned(item.service, item.copies, item.informed, item.agent, item.signatory)
$whom$;

CREATE OR REPLACE FUNCTION desk.tell_news() RETURNS trigger LANGUAGE plpgsql AS $news$
DECLARE
    whom text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT string_agg(DISTINCT one, ' ') INTO whom
        FROM (SELECT service, copies, informed, agent, signatory FROM changed
              UNION SELECT service, copies, informed, agent, signatory FROM before) AS items,
             unnest(desk.concerned(service, copies, informed, agent, signatory)) AS one;
    ELSE
        SELECT string_agg(DISTINCT one, ' ') INTO whom
        FROM (SELECT DISTINCT service, copies, informed, agent, signatory FROM changed) AS items,
             unnest(desk.concerned(service, copies, informed, agent, signatory)) AS one;
    END IF;
    IF whom IS NOT NULL THEN
        PERFORM pg_notify('desk_news', CASE WHEN length(whom) > 7000 THEN '*' ELSE whom END);
    END IF;
    RETURN NULL;
END
$news$;
