"""What stands of an item: everything told of it and not taken back since.

It is the sum of the facts told, so that history alone could rebuild it; a rung that stands keeps
the moment at which it fell and how often it was told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never

from shared.facts.clocks import (
    ClockCorrected,
    ClockPaused,
    ClockResumed,
    Clocks,
    ClockStarted,
    ClockStopped,
    LimitMoved,
    Outcome,
    RungReached,
    RungWithdrawn,
)
from shared.facts.envelope import ItemId
from shared.facts.vocabulary import ClockName


@dataclass(frozen=True, slots=True)
class ToldRung:
    """A reminder (rung) published at `at` and not withdrawn, for the `telling`-th time."""

    at: datetime
    telling: int


@dataclass(frozen=True, slots=True)
class ToldPause:
    """A pause of a clock that was published and not withdrawn."""

    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class ToldStop:
    """A stop of a clock that was published, with its outcome and delays in jours ouvrés."""

    outcome: Outcome
    raw: int | None
    net: int | None


@dataclass(frozen=True, slots=True)
class ClockStanding:
    """All that was published of one clock and not withdrawn.

    `tellings` counts how often each reminder was published, withdrawn ones too.
    """

    limit: date
    rungs: Mapping[str, ToldRung] = field(default_factory=dict)
    tellings: Mapping[str, int] = field(default_factory=dict)
    pause: ToldPause | None = None
    stop: ToldStop | None = None
    day_zero: date | None = None
    """The local day from which it was said to count; `None`: said before that was kept."""

    @property
    def exists(self) -> bool:
        """Whether the clock still counts: false once published that it should not have started."""
        return self.stop is None or self.stop.outcome is not Outcome.WITHDRAWN


@dataclass(frozen=True, slots=True)
class Standing:
    """All that was published of one item's clocks and not withdrawn.

    `revision`: the last fact's.
    """

    item_id: ItemId
    revision: int = 0
    clocks: Mapping[ClockName, ClockStanding] = field(default_factory=dict)

    def after(self, told: Iterable[Clocks]) -> "Standing":
        """Returns what is published of the clocks and not withdrawn, after these facts as well."""
        clocks, revision = dict(self.clocks), self.revision
        for fact in told:
            clocks[fact.clock] = _after(clocks.get(fact.clock), fact)
            revision = fact.revision
        return Standing(self.item_id, revision, clocks)


def _after(  # noqa: PLR0911  (one answer for each kind of fact)
    before: ClockStanding | None, fact: Clocks
) -> ClockStanding:
    one = before or ClockStanding(fact.limit)
    match fact:
        case ClockStarted():
            return ClockStanding(fact.limit, tellings=one.tellings, day_zero=fact.day_zero)
        case LimitMoved():
            return replace(one, limit=fact.limit, day_zero=fact.day_zero)
        case ClockPaused():
            return replace(one, pause=ToldPause(fact.since, fact.until))
        case ClockResumed():
            return replace(one, pause=None)
        case RungReached():
            reached = ToldRung(fact.happened_at, fact.telling)
            return ClockStanding(
                one.limit,
                {**one.rungs, fact.rung: reached},
                {**one.tellings, fact.rung: fact.telling},
                one.pause,
                one.stop,
                one.day_zero,
            )
        case RungWithdrawn():
            rungs = {name: rung for name, rung in one.rungs.items() if name != fact.rung}
            return replace(one, rungs=rungs)
        case ClockStopped():
            ended = ToldStop(fact.outcome, fact.raw, fact.net)
            return replace(one, rungs={}, pause=None, stop=ended)
        case ClockCorrected():
            stop = ToldStop(fact.outcome, fact.raw, fact.net) if fact.outcome else None
            return replace(one, stop=stop)
        case _:
            assert_never(fact)
