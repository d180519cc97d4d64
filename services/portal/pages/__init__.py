"""Pages of the public, without signing in: the form, the follow-up of a deposit, the notices."""
