"""What accounts keep in schema `desk`."""
