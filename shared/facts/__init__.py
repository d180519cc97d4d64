"""The facts: what the services tell each other, one module a topic."""
