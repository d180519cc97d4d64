-- What colleagues noted about an item is found by its words, by people alone and apart from what letters say
-- (docs/decisions/0193). In the item's row, which goes with its content; empty of what is réservé, or was.
ALTER TABLE desk.search ADD COLUMN notes text, ADD COLUMN note_words tsvector;
