-- Numbers of stickers that were given to be printed: a number is printed once and never again.
CREATE TABLE desk.printed_labels (
    first      integer PRIMARY KEY CHECK (first > 0),
    last       integer NOT NULL CHECK (last >= first),
    by         text NOT NULL,
    printed_at timestamptz NOT NULL
);
