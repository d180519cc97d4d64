"""By which way somebody states something, as every fact says it (docs/decisions/0034).

`by` is whoever answers for a fact; the origin is how it came: a signed-in page, a command typed in
a shell, the machine itself, a file that was taken over. Only a page proves that the person of `by`
was there; of a shell the system knows the account that typed.
"""

from dataclasses import dataclass
from typing import Any, Final

from shared.facts.envelope import Shell, Via


@dataclass(frozen=True, slots=True)
class Origin:
    """The way by which a fact is stated, for its envelope; `None`: unknown, as before ADR 0034."""

    via: Via | None = None
    shell: Shell | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the envelope."""
        return {"via": self.via, "shell": self.shell}

    @property
    def by_session(self) -> bool:
        """Whether the person stated it signed in on a page."""
        return self.via is Via.SESSION


UNKNOWN: Final = Origin()
SESSION: Final = Origin(Via.SESSION)
MACHINE: Final = Origin(Via.MACHINE)
IMPORT: Final = Origin(Via.IMPORT)
