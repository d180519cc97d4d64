"""A release, made by one command: `make release VERSION=X.Y.Z`.

notes.py      the section of CHANGELOG.md: migrations, facts and variables that are new, by git
artefacts.py  wheel, wheelhouse, pages, parts list (SBOM), image, SHA256SUMS, from the tagged commit
"""
