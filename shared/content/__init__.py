"""What letters hold: originals, plis, mails, the spool, tokens, chronos, addresses."""
