"""What somebody may know of, as the lists ask it: the arguments of `desk.known_to` (sql/0094)."""

from collections.abc import Sequence
from typing import NamedTuple


class Visibility(NamedTuple):
    """The items that a person may know of, as SQL parameters of the function `desk.known_to`."""

    everything: bool
    """Every item that is not réservé."""
    secrets: bool
    """That a réservé item exists."""
    persons: Sequence[str]
    """Themselves and whom they stand in for; once more with a `!` those whose réservé they read."""
    services: Sequence[str]
    led: Sequence[str]
    """Services whose réservé items they read."""


ALL = Visibility(everything=True, secrets=True, persons=(), services=(), led=())
"""For the command line and the exports of the administration of the site."""
