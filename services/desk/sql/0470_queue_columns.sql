-- What the queue is filtered by, beside the letter (docs/decisions/0169): the source by which it came ('' where
-- nobody said one) and the rule that proposes ('-' where none recognised it). Of a letter that waits to be qualified
-- alone; of others both are null, and cost nothing. Both are what the first fact says, verified each night.
ALTER TABLE desk.items ADD queue_source text, ADD queue_rule text;

-- For the program before, which writes neither; a later one writes both itself. Taken away one release later.
CREATE FUNCTION desk.say_queue() RETURNS trigger LANGUAGE plpgsql AS $say$
BEGIN
    NEW.queue_source := NULL;
    NEW.queue_rule := NULL;
    IF NEW.state = 'to_qualify' THEN
        SELECT coalesce(f.said ->> 'source', ''), coalesce(f.said #>> '{proposal,rule}', '-')
        INTO NEW.queue_source, NEW.queue_rule
        FROM (SELECT payload::jsonb AS said FROM desk.facts WHERE item_id = NEW.item_id AND seq = 1) AS f;
    END IF;
    RETURN NEW;
END
$say$;
CREATE TRIGGER say_queue_of_new BEFORE INSERT ON desk.items
    FOR EACH ROW WHEN (NEW.state = 'to_qualify' AND NEW.queue_rule IS NULL)
    EXECUTE FUNCTION desk.say_queue();
CREATE TRIGGER say_queue_of_changed BEFORE UPDATE ON desk.items
    FOR EACH ROW WHEN (NEW.queue_rule IS NOT DISTINCT FROM OLD.queue_rule
                       AND (NEW.state = 'to_qualify') <> (NEW.queue_rule IS NOT NULL))
    EXECUTE FUNCTION desk.say_queue();
