-- The register compares what it stated about figures and books with the hash that notify heard (docs/decisions/0052).
GRANT SELECT ON notify.quality TO vaguemestre_desk;
