-- What programs decided by their keys (docs/decisions/0161): an answer is given again to whoever repeats a request, for
-- thirty days. No name and no text: the documents that it answers with hold numbers, codes and days.
CREATE TABLE desk.api_decisions (
    key      text NOT NULL REFERENCES desk.api_keys (key),
    said     text NOT NULL CHECK (length(said) BETWEEN 1 AND 100),    -- the header Idempotency-Key
    digest   text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),         -- SHA-256 of address and body
    answer   text,                                                    -- the JSON document; null only before the commit
    at       timestamptz NOT NULL,
    PRIMARY KEY (key, said)
);
CREATE INDEX api_decisions_at ON desk.api_decisions (at);
