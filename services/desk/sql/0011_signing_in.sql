-- Signing in: what was asked of the identity provider and not yet answered, and the passwords that
-- were tried. The local account of a site that is no demo is nobody of it: it has no person.
ALTER TABLE desk.sessions ALTER person DROP NOT NULL;

CREATE TABLE desk.signins (
    state    text PRIMARY KEY,           -- SHA-256 of what the provider gives back
    browser  text NOT NULL,              -- SHA-256 of the cookie of the browser that asked
    nonce    text NOT NULL,
    verifier text NOT NULL,              -- of PKCE
    next     text NOT NULL,              -- the page that was wanted
    asked_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE desk.attempts (
    attempt  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tried_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX attempts_tried ON desk.attempts (tried_at);
