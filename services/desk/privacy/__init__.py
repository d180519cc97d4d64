"""The rights of persons over their data: all that is held of one, and the register of processing.

Erasure is retention's and the decisions' own: a withdrawal, by two persons, on an item's page.
"""
