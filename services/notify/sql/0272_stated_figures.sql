-- What the register stated of a week's figures (docs/decisions/0091): the weekly page is written from this, and nothing
-- is counted here any more. desk.rates and desk.answered stay readable for programs of before.
CREATE TABLE notify.stated_figures (
    week      date PRIMARY KEY,          -- its Monday
    fact      jsonb NOT NULL
);
