"""Standard letters: their library with its approval, and a letter composed from one for an item."""
