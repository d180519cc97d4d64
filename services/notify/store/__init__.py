"""Schema `notify`: what its rows say, question by question."""

SCHEMA = "notify"
CHANNEL = "notify_ledger"
"""PostgreSQL tells the workers here that a notice may be due."""
