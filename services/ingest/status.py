"""What /health and /metrics say of each source: when it was last read, and what is wrong."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.health import State, Unwell, Well


@dataclass(slots=True)
class SourceStatus:
    """One source as this process sees it; changed by whoever reads it."""

    source: str
    read_until: datetime | None = None
    """Begin of the last complete pass."""
    trouble: str | None = "not read yet"
    kept: int = 0
    """Arrivals kept since the process started."""

    def read(self, until: datetime) -> None:
        """A complete pass ended."""
        self.read_until = until
        self.trouble = None

    async def check(self) -> State:
        """For /health."""
        if self.trouble is not None:
            if self.read_until is None:
                return Unwell(self.trouble)
            return Unwell(
                f"{self.trouble} It was last read at {self.read_until:%Y-%m-%d %H:%M} UTC."
            )
        return Well({"read_until": self.read_until, "kept": self.kept})


@dataclass(slots=True)
class Statuses:
    """Every source of this process, by name."""

    by_source: dict[str, SourceStatus] = field(default_factory=dict)

    def of(self, source: str) -> SourceStatus:
        """The status of a source, made when it is first asked for."""
        return self.by_source.setdefault(source, SourceStatus(source))
