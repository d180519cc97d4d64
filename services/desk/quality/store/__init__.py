"""Questions of the quality feature to the register's database."""
