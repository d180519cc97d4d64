"""What migration keeps in schema `desk`."""
