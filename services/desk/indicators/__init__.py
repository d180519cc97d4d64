"""Indicators: the months, how they are closed and corrected, and their sheet."""
