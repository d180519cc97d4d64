-- Who may sign « par délégation », by which arrêté, for what and until when (ADR 0032). A row stands for
-- ever; one that `cancels` another ends it from the day on which it is written.
CREATE TABLE site.delegations (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person      text NOT NULL,
    reference   text NOT NULL CHECK (reference <> ''),
    first_day   date NOT NULL,
    last_day    date NOT NULL,             -- included; the arrêté may say later, never for ever
    services    text[] NOT NULL,           -- empty: whatever the préfecture answers
    kinds       text[] NOT NULL,           -- of notices; empty: all
    cancels     bigint UNIQUE REFERENCES site.delegations,
    valid_from  timestamptz NOT NULL,
    author      text NOT NULL CHECK (author <> ''),
    CHECK (first_day <= last_day)
);
CREATE INDEX delegations_of ON site.delegations (person, last_day);

CREATE TRIGGER stands BEFORE UPDATE OR DELETE OR TRUNCATE ON site.delegations
    FOR EACH STATEMENT EXECUTE FUNCTION site.refuse_change();
CREATE TRIGGER told AFTER INSERT ON site.delegations
    FOR EACH STATEMENT EXECUTE FUNCTION site.tell_change();

GRANT INSERT ON site.delegations TO vaguemestre_desk;
