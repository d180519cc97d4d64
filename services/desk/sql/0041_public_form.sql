-- The deposits of the public form: so that its page knows one that is on its way from one that never
-- was, and the form knows how many came lately. No content, no address; forgotten after ninety days.
CREATE TABLE desk.deposits (
    deposit uuid PRIMARY KEY,            -- guessed by nobody: it is the address of the page that follows
    at      timestamptz NOT NULL
);
CREATE INDEX deposits_at ON desk.deposits (at);
