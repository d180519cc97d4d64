"""The parapheur: letters that are prepared here and signed there, by a connector (ADR 0146)."""
