"""Awkward mails, each with what a person would read in it: the project's own corpus.

`corpus.py` says how one is written; the messages stand in the tables beside it, by theme.
"""
