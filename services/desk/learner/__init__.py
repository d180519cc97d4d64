"""The register learns from its clerks, by night and locally (docs/decisions/0128)."""
