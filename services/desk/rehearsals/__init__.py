"""Rehearsals that somebody kept, in French: what other rules or a release would do to people.

words.py     a change, a cause, a rate
"""
