"""services: the four services of a préfecture, what looks after them all, and their one command."""
