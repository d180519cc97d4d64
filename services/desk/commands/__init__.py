"""The commands of the register, by what they are about.

Each is one question or one decision: it opens a connection, does it in one transaction, and leaves.
What makes no sense is refused with one sentence and exit code 1. Decisions are taken `--as` a
person of the site. They are registered in services/desk/features.py.
"""
