"""Retention: destruction by list and approval, blobs that go, and the purge of old rows."""
