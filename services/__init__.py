"""services: the four services of a préfecture, and the one command that reaches them all."""
