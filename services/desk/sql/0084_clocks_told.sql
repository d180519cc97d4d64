-- What the item's page proves a limit with: the version of the rules that sla counted with last, and what
-- it told of rungs, limits and ends, each with why (domain/told.py). No name but of our own people.
ALTER TABLE desk.clocks ADD rules integer;
ALTER TABLE desk.clocks ADD told jsonb NOT NULL DEFAULT '[]';
