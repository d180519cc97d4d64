"""What /health and /metrics say of each source: when it was last read, and what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.platform.observability.health import State, Unwell, Well


@dataclass(slots=True)
class SourceStatus:
    """The status of one source in this process, shown by /health and /metrics."""

    source: str
    read_until: datetime | None = None
    """Begin of the last complete pass."""
    trouble: str | None = "not read yet"
    kept: int = 0
    """Arrivals kept since the process started."""
    ignored: Mapping[str, int] = field(default_factory=dict)
    """What stands in a scan folder and is never read, by why."""
    came_back: int = 0
    """Files of a scan folder that changed after they were read; since the process started."""

    def read(self, until: datetime) -> None:
        """Records that a complete pass over the source ended well; `until` is when it began."""
        self.read_until = until
        self.trouble = None

    async def check(self) -> State:
        """Returns the state of this source for the health check."""
        if self.trouble is not None:
            if self.read_until is None:
                return Unwell(self.trouble)
            return Unwell(
                f"{self.trouble} It was last read at {self.read_until:%Y-%m-%d %H:%M} UTC."
            )
        detail = {"read_until": self.read_until, "kept": self.kept}
        return Well(detail | ({"look": look} if (look := self._look()) else {}))

    def _look(self) -> str:
        """What somebody should look at, though all is read; empty when there is nothing."""
        said = []
        if self.ignored:
            whys = ", ".join(f"{count} {why}" for why, count in sorted(self.ignored.items()))
            said.append(f"{self.source} holds what is never read ({whys}): move or rename it.")
        if self.came_back:
            said.append(
                f"{self.came_back} files of {self.source} changed after they were read and were "
                "read again: join what was registered twice."
            )
        return " ".join(said)


@dataclass(slots=True)
class Statuses:
    """The status of every source of this process, by the source's name."""

    by_source: dict[str, SourceStatus] = field(default_factory=dict)

    def of(self, source: str) -> SourceStatus:
        """Returns the status of a source, made when it is first asked for."""
        return self.by_source.setdefault(source, SourceStatus(source))
