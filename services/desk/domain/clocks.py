"""A clock of an item as sla last told it: what the register shows, and decides nothing with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never

from services.desk.domain.told import Told, after
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
from shared.facts.words import ClockName

ANSWER = (ClockName.HOLDING, ClockName.REPLY, ClockName.TRANSMISSION)
"""The clocks of which the first that runs is the limit of an item in lists."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock now; `limit` is a local day, due until its 24:00."""

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
    """Those that stand, in the order they were told."""
    stopped_at: datetime | None = None
    outcome: Outcome | None = None
    raw: int | None = None
    net: int | None = None
    rules: int | None = None
    """The version that sla counted with when it last told day 0 or limit."""
    told: Told = ()

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.outcome is None


def advance(clock: Clock | None, fact: Clocks) -> Clock:
    """The clock after one more fact; a lower revision than the last changes nothing."""
    if clock is None:
        clock = Clock(fact.item_id, fact.clock, fact.revision, fact.limit, fact.holder)
    elif fact.revision < clock.revision:
        return clock
    before = replace(
        clock,
        revision=fact.revision,
        limit=fact.limit,
        holder=fact.holder,
        told=after(clock.told, fact),
    )
    return _said(before, fact)


def _said(clock: Clock, fact: Clocks) -> Clock:  # noqa: PLR0911  (one line a fact)
    match fact:
        case ClockStarted():
            return replace(
                clock,
                commitment=fact.commitment,
                day_zero=fact.day_zero,
                rules=fact.rules,
                paused_since=None,
                paused_until=None,
                rungs=(),
                stopped_at=None,
                outcome=None,
                raw=None,
                net=None,
            )
        case LimitMoved():
            return replace(
                clock,
                day_zero=fact.day_zero or clock.day_zero,
                commitment=fact.commitment or clock.commitment,
                rules=fact.rules,
            )
        case ClockPaused():
            return replace(clock, paused_since=fact.since, paused_until=fact.until)
        case ClockResumed():
            return replace(clock, paused_since=None, paused_until=None)
        case RungReached():
            others = tuple(rung for rung in clock.rungs if rung != fact.rung)
            return replace(clock, rungs=(*others, fact.rung))
        case RungWithdrawn():
            return replace(clock, rungs=tuple(rung for rung in clock.rungs if rung != fact.rung))
        case ClockStopped():
            return replace(
                clock,
                stopped_at=fact.happened_at,
                outcome=fact.outcome,
                raw=fact.raw,
                net=fact.net,
                paused_since=None,
                paused_until=None,
                rungs=(),
            )
        case ClockCorrected():
            stopped = None if fact.outcome is None else fact.happened_at
            return replace(
                clock, stopped_at=stopped, outcome=fact.outcome, raw=fact.raw, net=fact.net
            )
        case _:
            assert_never(fact)


def answer_clock(clocks: Mapping[ClockName, Clock]) -> Clock | None:
    """The running clock by which an answer is due."""
    running = (clocks[name] for name in ANSWER if name in clocks and clocks[name].runs)
    return next(running, None)
