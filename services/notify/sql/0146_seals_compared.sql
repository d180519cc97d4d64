-- The register compares its roots with what was mailed (docs/decisions/0047).
GRANT USAGE ON SCHEMA notify TO vaguemestre_desk;
GRANT SELECT ON notify.seals TO vaguemestre_desk;

-- The weekly page says when the evidence was verified, and how many things differ.
GRANT SELECT ON desk.verified TO vaguemestre_notify;
