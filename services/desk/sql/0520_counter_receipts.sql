-- The récépissé de dépôt says the code by which its letter is followed (docs/decisions/0097): the register gives its
-- digest as notify does with a receipt.
GRANT EXECUTE ON FUNCTION portal.give_follow_code TO vaguemestre_desk;
