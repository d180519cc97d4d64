-- What is counted at a place by half-day: visits by kind, never who came nor from where. Numbers that a key adds to
-- and another takes from; no evidence, so no fact.
CREATE TABLE desk.tallies (
    place text NOT NULL,
    day   date NOT NULL,                 -- local
    half  text NOT NULL CHECK (half IN ('morning', 'afternoon')),
    kind  text NOT NULL,
    n     integer NOT NULL CHECK (n >= 0 AND n <= 10000),
    PRIMARY KEY (place, day, half, kind)
);
CREATE INDEX tallies_day ON desk.tallies (day);
