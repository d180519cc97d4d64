-- A register is taken over a hundred lines at a time, beside everything else: what was asked, how far
-- it is (`items` and `past` count as they are taken), and every line that was refused.
ALTER TABLE desk.imports
    ADD asked_at timestamptz,            -- null: nobody asked yet, or it was stopped
    ADD asked_by text,
    ADD total    integer,                -- lines to be taken, those taken before a stop included
    ADD refused  jsonb,                  -- [[line, why, values], …]
    ADD trouble  text;                   -- why it stopped by itself
