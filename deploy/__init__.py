"""deploy: what runs the services, on one machine or in production."""
