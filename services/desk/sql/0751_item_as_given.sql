-- The number of an item's last fact when its letter was given to be signed and then mailed (docs/decisions/0211): what came since
-- a person reads before it leaves. Null: not known, so a person reads it.
ALTER TABLE desk.parapheur_letters ADD COLUMN item_seq integer;
