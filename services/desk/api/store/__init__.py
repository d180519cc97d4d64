"""Questions of the API to schema `desk`."""
