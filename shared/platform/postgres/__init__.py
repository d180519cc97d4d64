"""PostgreSQL as it must stand: migrations, roles, the journal of commands, and rows as read."""
