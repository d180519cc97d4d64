-- The pli that names what goes to the parapheur with a letter (docs/decisions/0181); it lies with those files in the letter's folder.
ALTER TABLE desk.parapheur_letters ADD COLUMN annexes text;
