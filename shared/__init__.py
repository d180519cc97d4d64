"""shared: the language of the services and the plumbing they stand on; it knows no service."""
