-- Whom an internal note of the register names, and the digest that told it (docs/decisions/0130); NULL: none has yet.
CREATE TABLE notify.note_mentions (
    event_id uuid NOT NULL,                       -- of the note
    person   text NOT NULL,
    item_id  uuid NOT NULL,
    digest   uuid,
    PRIMARY KEY (event_id, person)
);
CREATE INDEX note_mentions_digest ON notify.note_mentions (digest);
