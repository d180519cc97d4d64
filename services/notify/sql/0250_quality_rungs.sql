-- Reminders about quality that fell and still stand: who is to hear each, by function, and the digest that told it.
CREATE TABLE notify.quality_rungs (
    event_id   uuid NOT NULL,
    audience   text NOT NULL,
    subject_id uuid NOT NULL,
    number     integer NOT NULL,        -- of the measure
    rung       text NOT NULL,
    owner      text NOT NULL,           -- the id of a person, looked up when it is told
    due        date NOT NULL,
    opened     date NOT NULL,
    digest     uuid,                    -- NULL: no digest has told it
    PRIMARY KEY (event_id, audience)
);
CREATE INDEX quality_rungs_subject ON notify.quality_rungs (subject_id);
CREATE INDEX quality_rungs_digest ON notify.quality_rungs (digest);
