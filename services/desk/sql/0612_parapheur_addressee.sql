-- To which administration a letter at the parapheur says that it was transmitted: its departure states that one, whatever
-- other letter was printed meanwhile. What was given before has it with its use.
ALTER TABLE desk.parapheur_letters ADD addressee text;
UPDATE desk.parapheur_letters AS given SET addressee = use.addressee
FROM desk.letter_uses AS use WHERE use.decision = given.letter AND use.addressee IS NOT NULL;
