-- Free text of the quality system (a finding, a cause, a remark): no fact has it, a fact has its SHA-256, so
-- that a text can be erased and the chain holds. `id` is the subject or the part of it that the text belongs to.
CREATE TABLE desk.quality_texts (
    id         uuid PRIMARY KEY,
    sha256     text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    body       text,                     -- NULL once erased
    kept_at    timestamptz NOT NULL,
    erased_at  timestamptz,
    CHECK ((body IS NULL) = (erased_at IS NOT NULL))
);
