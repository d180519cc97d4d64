"""What sla told of one clock, kept so that the item's page can prove it: rungs, limits and ends."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from pydantic import TypeAdapter

from shared.facts.clocks import (
    ClockCorrected,
    Clocks,
    ClockStopped,
    LimitMoved,
    Outcome,
    RungMove,
    RungReached,
    RungWithdrawn,
)
from shared.facts.vocabulary import Audience


@dataclass(frozen=True, slots=True)
class RungTold:
    """A reminder in the history of an item's deadline: its day, recipients, withdrawal."""

    rung: str
    telling: int
    tell: tuple[Audience, ...]
    fell: date
    at: datetime
    due: date | None = None
    moved: tuple[RungMove, ...] = ()
    collapsed: bool = False
    back: datetime | None = None
    kind: Literal["rung"] = "rung"


@dataclass(frozen=True, slots=True)
class ToldLimit:
    """A change of a deadline's limit or day 0 in its history.

    `why` is the type of the fact that caused it, or `rules` when the site's rules changed.
    """

    before: date
    limit: date
    why: str
    rules: int
    at: datetime
    day_zero: date | None = None
    kind: Literal["limit"] = "limit"


@dataclass(frozen=True, slots=True)
class ToldEnd:
    """The end of a deadline in its history; `outcome` `None`: it was reopened and runs again."""

    outcome: Outcome | None
    at: datetime
    why: str = ""
    raw: int | None = None
    net: int | None = None
    kind: Literal["end"] = "end"


ClockEvents = tuple[RungTold | ToldLimit | ToldEnd, ...]
TOLD: TypeAdapter[ClockEvents] = TypeAdapter(ClockEvents)
"""Reads and writes what a row keeps."""


def after(told: ClockEvents, fact: Clocks) -> ClockEvents:
    """Returns a deadline's history with one more fact of sla; not every fact changes it."""
    match fact:
        case RungReached():
            return (
                *told,
                RungTold(
                    fact.rung, fact.telling, fact.tell, fact.fell, fact.recorded_at,
                    fact.due, fact.moved, fact.collapsed,
                ),
            )  # fmt: skip
        case RungWithdrawn():
            return tuple(
                replace(entry, back=fact.recorded_at)
                if isinstance(entry, RungTold)
                and (entry.rung, entry.telling) == (fact.rung, fact.telling)
                else entry
                for entry in told
            )
        case LimitMoved():
            moved = ToldLimit(
                fact.before, fact.limit, fact.why, fact.rules, fact.recorded_at, fact.day_zero
            )
            return (*told, moved)
        case ClockStopped():
            return (*told, ToldEnd(fact.outcome, fact.recorded_at, "", fact.raw, fact.net))
        case ClockCorrected():
            return (*told, ToldEnd(fact.outcome, fact.recorded_at, fact.why, fact.raw, fact.net))
        case _:
            return told
