-- How pages of documents are turned to stand upright on the screen: a fact of presentation, of octets and of nobody
-- (docs/decisions/0140). Page 0 is every page that has no row of its own.
CREATE TABLE desk.page_turns (
    document  text NOT NULL CHECK (document ~ '^[0-9a-f]{64}$'),  -- the SHA-256 of its octets
    page      integer NOT NULL CHECK (page >= 0),
    turn      smallint NOT NULL CHECK (turn IN (0, 90, 180, 270)),  -- degrees, clockwise
    turned_at timestamptz NOT NULL,
    PRIMARY KEY (document, page)
);
