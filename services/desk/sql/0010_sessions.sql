-- Who is signed in, what each form has already done, who read a réservé item, and whom an item
-- concerns. Tokens are kept as digests: a copy of this table signs nobody in.
CREATE TABLE desk.sessions (
    digest        text PRIMARY KEY,      -- SHA-256 of the token that the cookie holds
    person        text NOT NULL,
    administrator boolean NOT NULL DEFAULT false,
    way           text NOT NULL,         -- 'oidc' or 'local'
    id_token      text,                  -- the hint that the provider's logout asks for
    began_at      timestamptz NOT NULL,
    seen_at       timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    said          text                   -- one sentence for the next page, shown once
);
CREATE INDEX sessions_end ON desk.sessions (ends_at);

-- A form carries the id of its decision: sent twice, it gets the first answer again.
CREATE TABLE desk.decisions (
    decision uuid PRIMARY KEY,
    person   text NOT NULL,
    taken_at timestamptz NOT NULL,
    answer   text                        -- where the page went afterwards
);
CREATE INDEX decisions_taken ON desk.decisions (taken_at);

CREATE TABLE desk.readings (
    reading bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id uuid NOT NULL,
    person  text NOT NULL,
    read_at timestamptz NOT NULL
);
CREATE INDEX readings_item ON desk.readings (item_id, read_at);

ALTER TABLE desk.items
    ADD copies text[] NOT NULL DEFAULT '{}',
    ADD informed text[] NOT NULL DEFAULT '{}';

-- Of the assignments that stand, the last one says whom the item concerns.
UPDATE desk.items SET copies = said.copies, informed = said.informed
FROM (SELECT DISTINCT ON (f.item_id) f.item_id,
             ARRAY(SELECT jsonb_array_elements_text(coalesce(f.payload::jsonb -> 'copies', '[]'))) AS copies,
             ARRAY(SELECT jsonb_array_elements_text(coalesce(f.payload::jsonb -> 'informed', '[]'))) AS informed
      FROM desk.facts f
      WHERE f.type IN ('ItemRegistered', 'ItemAssigned')
        AND NOT EXISTS (SELECT 1 FROM desk.facts w
                        WHERE w.item_id = f.item_id AND w.type = 'FactWithdrawn'
                          AND w.payload::jsonb ->> 'fact' = f.event_id::text)
      ORDER BY f.item_id, f.seq DESC) AS said
WHERE items.item_id = said.item_id;

-- Who may know of an item: pages/rights.py says the same, and one test holds them together.
-- `everything`: mail office, quality officer, general secretary. `services`: where they work or
-- lead; `led`: where they lead; `persons`: themselves and whom they stand in for.
CREATE FUNCTION desk.known_to(item desk.items, everything boolean, secrets boolean, persons text[],
                              services text[], led text[])
RETURNS boolean LANGUAGE sql STABLE AS $known$
    SELECT coalesce(item.agent = ANY(persons), false) OR coalesce(item.signatory = ANY(persons), false)
        OR item.informed && persons
        OR CASE WHEN item.confidentiality = 'normal'
                THEN everything OR item.service = ANY(services) OR item.copies && services
                ELSE secrets OR item.service = ANY(led) END
$known$;
