"""Chronos, which every service reads and the register alone gives (shared/content/chronos.py)."""

from shared.content.chronos import Direction, is_departure, read, taken, write

__all__ = ["Direction", "is_departure", "read", "taken", "write"]
