"""The rules of search: what a query means."""
