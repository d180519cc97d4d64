"""Mutants of the awkward mails and hostile ones at full size, drawn from a seed: `make fuzz`."""
