"""Hostile mails at their full size, drawn from a seed: `make fuzz`, for two minutes at most."""
