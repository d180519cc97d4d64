"""`vaguemestre site`: the commands of whoever owns the rules, and what they say."""
