"""Which facts of a clock are news, by their own revisions, in whatever order they come.

A fact that was set aside and is heard again may be older than others of its item and still be the
last word on its rung; or it may be overtaken, and then it changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from shared.facts.clocks import Clocks, ClockStopped, LimitMoved, RungReached, RungWithdrawn


@dataclass(frozen=True, slots=True)
class Guard:
    """The last revisions received of one clock, by which facts that come too late are ignored."""

    floor: int = 0
    """Whatever is not later than this is old news: what was heard before guards were kept."""
    ended: int = 0
    moved: int = 0
    limit: date | None = None
    """The limit that the fact of revision `moved` told."""
    rungs: Mapping[str, int] = field(default_factory=dict)
    """The revision of the last word on each rung since the last end."""

    def is_news(self, fact: Clocks) -> bool:
        """Whether a clock fact is newer than those received before, so that it must be handled."""
        match fact:
            case RungReached() | RungWithdrawn():
                last = max(self.floor, self.ended, self.rungs.get(fact.rung, 0))
            case LimitMoved():
                last = max(self.floor, self.moved)
            case ClockStopped():
                last = max(self.floor, self.ended)
            case _:
                return True
        return fact.revision > last

    def after(self, fact: Clocks) -> "Guard":
        """Returns the last revisions as they are once this clock fact was handled."""
        match fact:
            case RungReached() | RungWithdrawn():
                return replace(self, rungs={**self.rungs, fact.rung: fact.revision})
            case LimitMoved():
                return replace(self, moved=fact.revision, limit=fact.limit)
            case ClockStopped():
                later = {name: one for name, one in self.rungs.items() if one > fact.revision}
                return replace(self, ended=fact.revision, rungs=later)
            case _:
                return self

    def under_its_limit(self, fact: RungReached) -> RungReached:
        """Returns the reminder with its clock's last published limit."""
        if self.limit is None or self.moved < fact.revision:
            return fact
        return fact.model_copy(update={"limit": self.limit})
