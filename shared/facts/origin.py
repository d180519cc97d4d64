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
    """The way by which a fact is stated (page, command, …), for its envelope; `None`: unknown."""

    via: Via | None = None
    shell: Shell | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The envelope fields `via` and `shell` of a fact with this origin."""
        return {"via": self.via, "shell": self.shell}

    @property
    def by_session(self) -> bool:
        """Whether a person stated the fact on a page, signed in."""
        return self.via is Via.SESSION


UNKNOWN: Final = Origin()
SESSION: Final = Origin(Via.SESSION)
MACHINE: Final = Origin(Via.MACHINE)
IMPORT: Final = Origin(Via.IMPORT)
