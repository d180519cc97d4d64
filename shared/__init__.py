"""shared: the language that the services speak and the plumbing they stand on; it knows no service."""
