-- A letter that is signed at the parapheur and then leaves as mail sécurisé (docs/decisions/0211). The pli says to whom, and what
-- is read beside the letter; it lies in the letter's folder. Null: it leaves on paper, or a person decides.
ALTER TABLE desk.parapheur_letters ADD COLUMN mail text;
-- Which letter of the parapheur a mail sécurisé is, signed; null: it was composed here, or signed here.
ALTER TABLE desk.secure_mails ADD COLUMN signed uuid REFERENCES desk.parapheur_letters (letter);
