"""services: the services of a préfecture, its portal, what looks after them all, one command."""
