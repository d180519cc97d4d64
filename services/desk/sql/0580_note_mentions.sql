-- Whom an internal note names and who has not said yet that they read it (docs/decisions/0130): a row goes when they
-- say so, and with the item's content; that of a note which was taken back is not asked for. No text: that lies in the note's pli.
CREATE TABLE desk.note_mentions (
    event_id uuid NOT NULL,                       -- of the note
    person   text NOT NULL,
    item_id  uuid NOT NULL,
    noted_at timestamptz NOT NULL,
    PRIMARY KEY (event_id, person)
);
CREATE INDEX note_mentions_person ON desk.note_mentions (person, noted_at);
CREATE INDEX note_mentions_item ON desk.note_mentions (item_id);
