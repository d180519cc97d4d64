-- What a command gives away is in the journal too (docs/decisions/0064): the account of the system that typed it, and
-- why, where they said so. A command of notify shows what would leave: its role adds lines and reads none.
ALTER TABLE desk.journal ADD account text, ADD why text;
GRANT USAGE ON SCHEMA desk TO vaguemestre_notify;
GRANT INSERT ON desk.journal TO vaguemestre_notify;
