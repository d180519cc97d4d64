-- Sketches of letters, by which one that came twice is proposed (docs/decisions/0062): 48 hashes of its words in a row,
-- no word. A row goes with the text of its item in desk.search, and is written with it.
CREATE TABLE desk.likenesses (
    id     uuid PRIMARY KEY REFERENCES desk.search ON DELETE CASCADE,
    sketch bytea NOT NULL,
    bands  bigint[] NOT NULL             -- of the sketch and its month: letters alike have one in common
);
CREATE INDEX likenesses_bands ON desk.likenesses USING gin (bands);
