"""The API for other programs, apart from its addresses: keys, what each may know of, questions.

Removable: its pages and addresses are `pages/api`, its commands `commands/api_keys`.
"""
