"""A clock of an item as sla last told it: what the register shows, and decides nothing with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, assert_never

from services.desk.domain.clock_history import ClockEvents, after
from shared.facts.clocks import (
    ClockCorrected,
    ClockPaused,
    ClockResumed,
    Clocks,
    ClockStarted,
    ClockStopped,
    Holder,
    LimitMoved,
    Outcome,
    RungReached,
    RungWithdrawn,
)
from shared.facts.envelope import ItemId
from shared.facts.vocabulary import ClockName
from shared.replacement import replace

ANSWER = (ClockName.HOLDING, ClockName.REPLY, ClockName.TRANSMISSION)
"""The clocks of which the first that runs is the limit of an item in lists."""


@dataclass(frozen=True, slots=True)
class ItemClock:
    """A deadline timer of an item as the service sla last published it.

    `limit` is a local day; the item is due until its 24:00.
    """

    item_id: ItemId
    clock: ClockName
    revision: int
    limit: date
    holder: Holder
    commitment: str | None = None
    day_zero: date | None = None
    paused_since: date | None = None
    paused_until: date | None = None
    rungs: tuple[str, ...] = ()
    """Rungs reached and not withdrawn, in the order they were told."""
    stopped_at: datetime | None = None
    outcome: Outcome | None = None
    raw: int | None = None
    net: int | None = None
    rules: int | None = None
    """The version that sla counted with when it last told day 0 or limit."""
    told: ClockEvents = ()
    heard: Mapping[str, int] = field(default_factory=dict)
    """The revision of the last word on each part: `limit`, `pause`, `end`, `rungs` (all of them
    ended) and each rung."""

    @property
    def runs(self) -> bool:
        """Whether the deadline timer still runs: no reply or other outcome has ended it."""
        return self.outcome is None


def advance(clock: ItemClock | None, fact: Clocks) -> ItemClock:
    """Returns the deadline timer of an item updated by one more fact from the service sla.

    A fact that arrives out of order changes only the part (one rung, for instance) on which nothing
    newer was told.
    """
    if clock is None:
        clock = ItemClock(fact.item_id, fact.clock, 0, fact.limit, fact.holder)
    parts = _parts(clock, fact)
    late = fact.revision < clock.revision
    changes: dict[str, Any] = {}
    if not late:
        changes |= {"revision": fact.revision, "limit": fact.limit, "holder": fact.holder}
    if parts:
        told = after(clock.told, fact)
        changes["told"] = tuple(sorted(told, key=lambda entry: entry.at)) if late else told
        changes["heard"] = {**clock.heard, **dict.fromkeys(parts, fact.revision)}
    for part in parts:
        changes |= _said(clock, part, fact)
    return replace(clock, **changes)


def is_news(clock: ItemClock | None, fact: Clocks) -> bool:
    """Whether a fact from sla is newer than what is stored of the deadline, and changes it."""
    return clock is None or fact.revision >= clock.revision or bool(_parts(clock, fact))


LIMIT, PAUSE, END, RUNGS = "limit", "pause", "end", "rungs"


def _parts(clock: ItemClock, fact: Clocks) -> Sequence[str]:
    """The parts of the clock on which a fact is the last word."""
    named: Sequence[str]
    match fact:
        case ClockStarted():
            named = (LIMIT, PAUSE, END, RUNGS)
        case LimitMoved():
            named = (LIMIT,)
        case ClockPaused() | ClockResumed():
            named = (PAUSE,)
        case RungReached() | RungWithdrawn():
            last = max(clock.heard.get(RUNGS, 0), clock.heard.get(fact.rung, 0))
            return (fact.rung,) if fact.revision > last else ()
        case ClockStopped():
            named = (END, PAUSE, RUNGS)
        case ClockCorrected():
            named = (END,)
        case _:
            assert_never(fact)
    return [part for part in named if fact.revision > clock.heard.get(part, 0)]


def _said(clock: ItemClock, part: str, fact: Clocks) -> Mapping[str, Any]:  # noqa: PLR0911  (one a part)
    """The fields of a clock that a fact changes as the last word on one part."""
    match part, fact:
        case "limit", ClockStarted() | LimitMoved():
            return {
                "day_zero": fact.day_zero or clock.day_zero,
                "commitment": fact.commitment or clock.commitment,
                "rules": fact.rules,
            }
        case "pause", ClockPaused():
            return {"paused_since": fact.since, "paused_until": fact.until}
        case "pause", _:
            return {"paused_since": None, "paused_until": None}
        case "end", ClockStopped() | ClockCorrected():
            stopped = None if fact.outcome is None else fact.happened_at
            return {
                "stopped_at": stopped, "outcome": fact.outcome, "raw": fact.raw, "net": fact.net
            }  # fmt: skip
        case "end", _:
            return {"stopped_at": None, "outcome": None, "raw": None, "net": None}
        case "rungs", _:
            later = tuple(rung for rung in clock.rungs if clock.heard.get(rung, 0) > fact.revision)
            return {"rungs": later}
        case _:
            others = tuple(rung for rung in clock.rungs if rung != part)
            return {"rungs": (*others, part) if isinstance(fact, RungReached) else others}


def answer_clock(clocks: Mapping[ClockName, ItemClock]) -> ItemClock | None:
    """Returns the running deadline by which the item must be answered, or `None`."""
    running = (clocks[name] for name in ANSWER if name in clocks and clocks[name].runs)
    return next(running, None)
