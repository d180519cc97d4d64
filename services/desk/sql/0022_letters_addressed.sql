-- To which administration a letter on paper says that it was transmitted: the code on it can't say it.
ALTER TABLE desk.letter_uses ADD addressee text;
