"""Accounts: who signs in and how, sessions, and changes to the people of the site."""
