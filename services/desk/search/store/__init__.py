"""The questions of search to schema `desk`."""
