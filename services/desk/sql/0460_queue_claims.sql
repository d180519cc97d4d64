-- Which clerk has which letter of the queue before them (docs/decisions/0166): a lease by the time of the database,
-- which the open page renews. Nothing of the register rests on it: a row that is lost costs a moment's politeness.
CREATE TABLE desk.queue_claims (
    item_id    uuid PRIMARY KEY,
    person     text NOT NULL,
    since      timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    page       uuid,                            -- the open page that renews it; null: none does, as without JavaScript
    ahead      boolean NOT NULL DEFAULT false,  -- fetched before its turn: goes to whoever finds no other letter
    taken_from text                             -- the colleague who looked at it when this one insisted
);
CREATE INDEX queue_claims_person ON desk.queue_claims (person);

-- Told to the pages of the queue alone (`#`): those of the services have nothing to draw anew.
CREATE FUNCTION desk.tell_queue() RETURNS trigger LANGUAGE plpgsql AS $queue$
BEGIN
    PERFORM pg_notify('desk_news', '#queue');
    RETURN NULL;
END
$queue$;
CREATE TRIGGER tell_claims AFTER INSERT OR DELETE ON desk.queue_claims
    FOR EACH ROW EXECUTE FUNCTION desk.tell_queue();
CREATE TRIGGER tell_other_claims AFTER UPDATE ON desk.queue_claims
    FOR EACH ROW WHEN (OLD.person <> NEW.person OR OLD.ahead <> NEW.ahead) EXECUTE FUNCTION desk.tell_queue();
