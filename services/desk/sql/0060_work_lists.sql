-- The lists that services work from go on where the last page ended: by limit, what has none after.
CREATE INDEX items_by_limit ON desk.items ((coalesce(due, 'infinity'::date)), chrono)
    WHERE state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred');
CREATE INDEX items_held ON desk.items
    ((coalesce(signatory, agent)), (coalesce(due, 'infinity'::date)), chrono)
    WHERE state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred');
