"""What a row of a book says, as the text that its fact hashes: delegations, bordereaux. Pure.

The reference of an arrêté, a visa's number and an archivist's name are free text, so no fact holds
them: it has the SHA-256 of the row, which stands beside it in the tables.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date

from shared.facts.envelope import Digest
from shared.site.tables.delegations import Delegation


def delegation(granted: Delegation) -> Digest:
    """The hash of a delegation: its fields, one a line, in the table's order."""
    return _hashed(
        granted.person,
        granted.reference,
        granted.first.isoformat(),
        granted.last.isoformat(),
        " ".join(granted.services),
        " ".join(kind.value for kind in granted.kinds),
    )


def visa(number: str, archivist: str, day: date) -> Digest:
    """The hash of an archivist's visa."""
    return _hashed(number, archivist, day.isoformat())


def outcomes(lines: Iterable[tuple[str, str]]) -> Digest:
    """The hash of the outcomes of a bordereau: chrono and outcome of each item."""
    return _hashed(*(f"{chrono} {outcome}" for chrono, outcome in sorted(lines)))


def chronos(table: bytes) -> Sequence[str]:
    """The chronos in a bordereau's table, in order; its first two lines are the head."""
    lines = table.decode("utf-8-sig", errors="replace").splitlines()[2:]
    return [line.partition(";")[0] for line in lines]


def _hashed(*lines: str) -> Digest:
    return Digest(hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest())
