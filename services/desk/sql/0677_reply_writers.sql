-- Who writes a letter about an item in this very moment (docs/decisions/0166): touched by the page on which it is written, told
-- to colleagues who open the item. No text. A row that is lost costs a moment's politeness; it goes within the hour.
CREATE TABLE desk.reply_writers (
    item_id    uuid NOT NULL,
    person     text NOT NULL,
    touched_at timestamptz NOT NULL,             -- real time, as of claims
    PRIMARY KEY (item_id, person)
);
CREATE INDEX reply_writers_touched ON desk.reply_writers (touched_at);

-- Told to the open pages of those whom the item concerns: when somebody begins, after a pause too, and when they have done.
CREATE FUNCTION desk.tell_writers() RETURNS trigger LANGUAGE plpgsql AS $writers$
BEGIN
    PERFORM pg_notify('desk_news', array_to_string(desk.concerned_by(i), ' ')) FROM desk.items i
    WHERE i.item_id = CASE WHEN TG_OP = 'DELETE' THEN OLD.item_id ELSE NEW.item_id END;
    RETURN NULL;
END
$writers$;
CREATE TRIGGER tell_begun AFTER INSERT OR DELETE ON desk.reply_writers
    FOR EACH ROW EXECUTE FUNCTION desk.tell_writers();
CREATE TRIGGER tell_again AFTER UPDATE ON desk.reply_writers
    FOR EACH ROW WHEN (OLD.touched_at < NEW.touched_at - interval '5 minutes')
    EXECUTE FUNCTION desk.tell_writers();
