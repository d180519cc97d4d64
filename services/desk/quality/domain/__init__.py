"""Figures, how far they can be believed, and how they are drawn. Pure."""
