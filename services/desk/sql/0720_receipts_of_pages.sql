-- The récépissé de dépôt is printed by a page, whose process has the role of pages: it may give the code by which the
-- letter is followed (docs/decisions/0097), and see nothing of the portal.
GRANT USAGE ON SCHEMA portal TO vaguemestre_web;
GRANT EXECUTE ON FUNCTION portal.give_follow_code TO vaguemestre_web;
