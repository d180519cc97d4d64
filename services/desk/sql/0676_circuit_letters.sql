-- Letters that somebody prepared and others read, correct and sign before they leave (docs/decisions/0192). No text: what a
-- letter says at each step lies in a file that the step names, and so does why it was sent back; both go with the item's content.
-- Who has the letter is who holds its item: where another decision moved that, the letter is back with whoever prepared it.
CREATE TABLE desk.circuit_letters (
    letter      uuid PRIMARY KEY,                        -- of the form that prepared it: sent twice, once
    item_id     uuid NOT NULL REFERENCES desk.items (item_id),
    kind        text NOT NULL,                           -- as notices
    template    text NOT NULL,                           -- the standard letter, `letter@version`
    prepared_by text NOT NULL,
    prepared_at timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('reading', 'signing', 'returned', 'signed', 'taken_back')),
    holder      text NOT NULL,                           -- who is to read it, sign it or take it up again
    step        integer NOT NULL,                        -- number of its last step
    document    text                                     -- the PDF that was signed to leave on paper
);
CREATE UNIQUE INDEX circuit_letters_once ON desk.circuit_letters (item_id) WHERE state IN ('reading', 'signing', 'returned');
CREATE INDEX circuit_letters_item ON desk.circuit_letters (item_id);
CREATE INDEX circuit_letters_holder ON desk.circuit_letters (holder) WHERE state IN ('reading', 'signing', 'returned');
CREATE INDEX circuit_letters_prepared ON desk.circuit_letters (prepared_by) WHERE state IN ('reading', 'signing', 'returned');

CREATE TABLE desk.circuit_steps (
    letter uuid NOT NULL REFERENCES desk.circuit_letters (letter) ON DELETE CASCADE,
    step   integer NOT NULL CHECK (step > 0),
    act    text NOT NULL CHECK (act IN ('to_read', 'to_sign', 'returned', 'signed', 'to_parapheur', 'taken_back')),
    person text NOT NULL,                                -- who did it
    at     timestamptz NOT NULL,                         -- of the register, as in facts
    whom   text,                                         -- to whom it went
    said   text NOT NULL,                                -- what the letter says after it: key of a file
    reason text,                                         -- why it was sent back: key of a file
    PRIMARY KEY (letter, step)
);
