"""The proof of an item for an auditor: the ZIP, its page to read and its program to run."""
