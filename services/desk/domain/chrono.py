"""Chronos, which every service reads and the register alone gives (shared/chronos.py)."""

from shared.chronos import Direction, read, taken, write

__all__ = ["Direction", "read", "taken", "write"]
