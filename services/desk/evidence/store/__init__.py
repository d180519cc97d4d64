"""What evidence keeps and reads in schema `desk`."""
