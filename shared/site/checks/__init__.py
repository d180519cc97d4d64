"""Whether the tables of a folder hold, each alone and all together."""
