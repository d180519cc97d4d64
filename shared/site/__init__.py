"""The rules and people of a préfecture: read from a folder, checked whole, applied as a version.

Each module is named after the file of the folder that it describes: `site.yaml` is described in
`identity.py`, the others in the module of their own name. What runs is an applied version, never a
folder (DESIGN, law 4).
"""
