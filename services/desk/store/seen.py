"""What somebody may know of, as the lists ask it: the arguments of `desk.known_to` (sql/0010)."""

from collections.abc import Sequence
from typing import NamedTuple


class Seen(NamedTuple):
    """`WHERE desk.known_to(i, $1, $2, $3, $4, $5)` with these five in order."""

    everything: bool
    """Every item that is not réservé."""
    secrets: bool
    """That a réservé item exists."""
    persons: Sequence[str]
    services: Sequence[str]
    led: Sequence[str]


ALL = Seen(everything=True, secrets=True, persons=(), services=(), led=())
"""For the command line and the exports of the administration of the site."""
