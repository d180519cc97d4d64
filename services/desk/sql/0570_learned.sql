-- What was learned from what clerks sorted (docs/decisions/0128): a row a night, without a word, and the weights of the
-- last one alone, one row for each bucket into which words of the letters fell. Made anew each night from the letters
-- that the register then has: what was erased has no part in it. Empty where the site does not ask for it.
CREATE TABLE desk.learned (
    day         date PRIMARY KEY,     -- local; of several processes the first one's numbers stand
    learned_at  timestamptz NOT NULL,
    letters     integer NOT NULL,     -- that people sorted and that were read
    numbers     jsonb                 -- services/desk/domain/learner_numbers.py: Numbers; NULL: too few corrections yet
);
CREATE TABLE desk.learned_weights (
    bucket  integer PRIMARY KEY,
    day     date NOT NULL REFERENCES desk.learned,
    weights real[] NOT NULL           -- by question and answer, in the order of `numbers`
);
INSERT INTO site.table_rights (role, schema_name, table_name, rights) VALUES
    ('web', 'desk', 'learned', '{SELECT}'),
    ('web', 'desk', 'learned_weights', '{SELECT}');
