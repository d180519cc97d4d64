-- online
-- Notes are found by their words (0694): an item without one costs nothing.
CREATE INDEX CONCURRENTLY search_note_words ON desk.search USING gin (note_words) WHERE note_words IS NOT NULL;
