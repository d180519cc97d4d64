"""The rules of the API: keys and scopes, how often one may ask. Pure."""
