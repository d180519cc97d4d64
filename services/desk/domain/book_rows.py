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
    """Returns the hash of a delegation of signature, over its fields in the table's order."""
    return _hashed(
        granted.person,
        granted.reference,
        granted.first.isoformat(),
        granted.last.isoformat(),
        " ".join(granted.services),
        " ".join(kind.value for kind in granted.kinds),
    )


def visa(number: str, archivist: str, day: date) -> Digest:
    """Returns the hash of an archivist's visa: its number, the archivist's name and the day."""
    return _hashed(number, archivist, day.isoformat())


def outcomes(lines: Iterable[tuple[str, str]]) -> Digest:
    """Returns the hash of a bordereau's outcomes, over the chrono and outcome of each item."""
    return _hashed(*(f"{chrono} {outcome}" for chrono, outcome in sorted(lines)))


def chronos(table: bytes) -> Sequence[str]:
    """Returns the chronos in a bordereau's CSV table, in order, without its two head lines."""
    lines = table.decode("utf-8-sig", errors="replace").splitlines()[2:]
    return [line.partition(";")[0] for line in lines]


def _hashed(*lines: str) -> Digest:
    return Digest(hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest())
