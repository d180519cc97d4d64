-- Opinions asked of another service (docs/decisions/0112): a row goes when the question is taken back and with the item's
-- content. No text: question and answer lie in plis that their facts name.
CREATE TABLE desk.opinions (
    event_id uuid PRIMARY KEY,                    -- of OpinionAsked
    item_id  uuid NOT NULL,
    service  text NOT NULL,                       -- that was asked
    until    date NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_by text NOT NULL,                       -- as facts write their author
    answered uuid                                 -- the note that answers; NULL: none stands
);
CREATE INDEX opinions_open ON desk.opinions (until, event_id) WHERE answered IS NULL;
CREATE INDEX opinions_item ON desk.opinions (item_id);
CREATE INDEX opinions_answered ON desk.opinions (answered) WHERE answered IS NOT NULL;
