"""One thing that is not what the evidence says, by name: where, what, from what to what."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from shared.facts.envelope import Chrono

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between tables and evidence that no fact explains; no personal data."""

    check: str
    """By which check of the registry it was found."""
    subject: str
    """The chrono of an item where it has one; else an id, a month, a night, or the cell of a count.
    """
    what: str
    proven: str = ""
    """Value that the evidence gives; empty with `found`: `what` says it all."""
    found: str = ""
    """Value that stands there instead."""
    chrono: Chrono | None = None
    """Of the item, where it is about one."""

    def __str__(self) -> str:
        """Sentence for the command line."""
        change = f": from {self.proven} to {self.found}" if self.proven or self.found else ""
        return f"{self.subject}: {self.what}{change}"


def format_value(value: object) -> str:
    """Formats a value for the text of a difference found by the verification."""
    match value:
        case None:
            found = NOTHING
        case bool():
            found = str(value).lower()
        case datetime():
            found = value.isoformat(timespec="seconds")
        case Enum():
            found = str(value.value)
        case list() | tuple():
            found = " ".join(map(format_value, value)) or NOTHING
        case _:
            found = str(value)
    return found
