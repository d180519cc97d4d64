-- The roots of the evidence, as the register told them: mailed to the référent qualité, where whoever could
-- rewrite this database reaches no more.
CREATE TABLE notify.seals (
    event_id  uuid PRIMARY KEY,
    day       date NOT NULL,
    root      text NOT NULL,
    chains    integer NOT NULL,
    notice_id uuid                       -- the digest that says it, once one does
);
CREATE INDEX seals_new ON notify.seals (day) WHERE notice_id IS NULL;
CREATE INDEX seals_told ON notify.seals (notice_id) WHERE notice_id IS NOT NULL;
