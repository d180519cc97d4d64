"""Calendar feeds: limits and dates at a secret address of one person, for their diary."""
