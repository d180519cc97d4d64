"""Standard letters (courriers et courriels types): versions, who approves them, how they fill.

A letter is plain text with named fields, `{référence}`, from a closed list (fields.py). Nothing in
it can be executed: filling is one pass of replacement, and what a field brings is never read again.

    fields    the closed list, and what is wrong with a text that names others
    library   versions and their states: draft → submitted → approved → withdrawn
    approving who may write and who may approve (ADR 0016)
    filling   a version and an item → the text, unfilled fields left standing
    form      the check-list of CRPA L111-2 and of the framework, on exactly what would leave
"""
