-- Reminders about the website that fell and still stand: a row for each page to check, and one for a change; who is
-- to hear it, by function, and the digest that told it.
CREATE TABLE notify.website_rungs (
    event_id   uuid NOT NULL,
    audience   text NOT NULL,
    page       text NOT NULL,           -- the page to check; '' for a change
    subject_id uuid NOT NULL,
    number     integer,                 -- of the change
    rung       text NOT NULL,
    person     text,                    -- the id of a person, looked up when it is told; NULL: nobody yet
    service    text,
    due        date NOT NULL,
    opened     date NOT NULL,
    digest     uuid,                    -- NULL: no digest has told it
    PRIMARY KEY (event_id, audience, page)
);
CREATE INDEX website_rungs_subject ON notify.website_rungs (subject_id);
CREATE INDEX website_rungs_page ON notify.website_rungs (page);
CREATE INDEX website_rungs_digest ON notify.website_rungs (digest);
