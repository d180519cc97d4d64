"""The calendar: which days are worked where, local days, and the wait for missing pieces."""
