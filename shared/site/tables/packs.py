"""pack.yaml: the signed pack that a site lays below its own files, and whose signature it believes.

What was taken stands in the applied rules, so that an auditor reads which pack they rest on.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.values import Code, Table

_KEY = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""An Ed25519 public key, 32 octets in base64."""
_FILE = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,100}\.pack$")]


class PackChoice(Table):
    """The table of `pack.yaml`: a pack's file in the site's folder, and the keys that sign it."""

    file: _FILE
    """Its name in the site's folder: `national-3.pack`."""
    keys: tuple[_KEY, ...] = Field(min_length=1, max_length=5)
    """Several while a maker changes its key."""


class PackTaken(Table):
    """The pack on which an applied version of the rules rests."""

    name: Code
    version: int = Field(ge=1)
    key: _KEY
    """The key that signed it."""
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    """The SHA-256 of its content."""
