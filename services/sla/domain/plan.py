"""The plan of an item: the dated list of everything that will be true and said (law 3).

`plan(facts, rulebook)` is a pure function: the same facts in any order, under the same applied
versions, give the same plan. The moment only says how far down the list we are (announce.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.sla.domain.alike import FROM_RECEIPT, ONLY_STOP, likeness
from services.sla.domain.endings import ENDS, Stop, ending, implied_stop, stop
from services.sla.domain.history import ItemHistory
from services.sla.domain.holders import Tenure, tenures
from services.sla.domain.ladder import Revision, chapters
from services.sla.domain.pauses import Pause, pauses
from services.sla.domain.promises import (
    Promise,
    classification,
    last_quarantine,
    may_exist,
    promise,
)
from services.sla.domain.reasons import limit_by
from services.sla.domain.rules import ClockRules, Rulebook
from services.sla.domain.rungs import Rung, rungs
from shared.facts.clocks import Holder, Outcome
from shared.facts.envelope import Chrono, ServiceId
from shared.facts.items.base import ItemFact
from shared.facts.items.registration import ItemRegistered
from shared.facts.vocabulary import Category, ClockName


@dataclass(frozen=True, slots=True)
class ClockPlan:
    """The plan of one clock of an item from start to end; a stopped one has no reminders."""

    clock: ClockName
    commitment: str
    day_zero: date
    start: datetime
    limit: date
    limit_by: str
    """What moved the limit last: the type of a fact, or `rules`."""
    rules: int
    """The applied version that counts."""
    pauses: tuple[Pause, ...]
    rungs: tuple[Rung, ...]
    stop: Stop | None


@dataclass(frozen=True, slots=True)
class Subject:
    """The item's data that every clock fact carries: chrono, service, holder, category."""

    chrono: Chrono | None
    service: ServiceId
    holder: Holder
    category: Category | None
    sources: tuple[str, ...]
    """Where a reply of its service would be seen: read before anyone above hears (rule 1)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of an item: all its clocks; no `subject` while too little is known."""

    subject: Subject | None
    known: datetime | None
    """When the last known fact was recorded (see `latest` in announce.py)."""
    last: str
    """The type of the last known fact by `seq`."""
    done: bool
    """It was replied to, closed or merged: where it has no clock, other rules give it none."""
    clocks: tuple[ClockPlan, ...]


Chosen = frozenset[ClockName]
EVERY: Chosen = frozenset(ClockName)
_STOPS = ENDS | ONLY_STOP
"""Where an item has none of these, its clocks from the receipt run, and are all that it has."""


def plan(
    facts: Iterable[ItemFact] | ItemHistory,
    rulebook: Rulebook,
    only: Chosen = EVERY,
    shown: Chosen | None = None,
) -> Plan:
    """Computes the plan of an item's clocks from its facts and the rules. Raises BeyondCalendar.

    For a rehearsal, which publishes nothing, `only` names the clocks to plan, and `shown` those
    whose reminders are planned even when stopped: then without pauses or what moved a limit.
    """
    known = facts if isinstance(facts, ItemHistory) else ItemHistory(facts)
    book = _Book(known, rulebook, only, shown)
    if book.alike and only == EVERY and known.kinds.isdisjoint(_STOPS):
        subject, done, clocks = rulebook.last.for_alike(book.alike, book.every)
    else:
        subject, done, clocks = book.every()
    registered = known.last(ItemRegistered)
    if subject and registered and subject.chrono != registered.chrono:
        of_all = subject.service, subject.holder, subject.category, subject.sources
        subject = Subject(registered.chrono, *of_all)
    recorded = max((fact.recorded_at for fact in known.told), default=None)
    return Plan(subject, recorded, known.told[-1].type if known.told else "", done, clocks)


def _subject(known: ItemHistory, rules: ClockRules) -> Subject | None:
    registered, what = known.last(ItemRegistered), classification(known)
    if not (registered and what) and not last_quarantine(known):
        return None
    holder = tenures(known, rules)[-1].holder
    if not registered or not what:
        return Subject(None, holder.service, holder, None, ())
    sources = rules.sources(holder.service)
    return Subject(registered.chrono, holder.service, holder, what.category, sources)


class _Book:
    """One item's facts with what several clocks share, worked out once."""

    def __init__(
        self, known: ItemHistory, rulebook: Rulebook, only: Chosen, shown: Chosen | None
    ) -> None:
        self._known, self._rulebook, self._only, self._shown = known, rulebook, only, shown
        self._chapters: dict[int, Sequence[Revision]] = {}
        self.alike = likeness(known, rulebook) if shown is None else None

    def every(self) -> tuple[Subject | None, bool, tuple[ClockPlan, ...]]:
        """Returns the plan's subject, whether it is done, and the plans of its clocks."""
        known = self._known
        if (subject := _subject(known, self._rulebook.last)) is None:
            return None, False, ()
        clocks = (clock for clock in ClockName if clock in self._only and may_exist(clock, known))
        found = tuple(made for clock in clocks if (made := self._clock(clock)))
        return subject, ending(ClockName.REPLY, known) is not None, found

    def _clock(self, clock: ClockName) -> ClockPlan | None:
        """The plan of one clock; `None` when it does not exist."""
        if self.alike and clock in FROM_RECEIPT and ending(clock, self._known) is None:
            case = (clock, self.alike)
            return self._rulebook.last.for_alike(case, lambda: self._by_itself(clock))
        return self._by_itself(clock)

    def _by_itself(self, clock: ClockName) -> ClockPlan | None:
        if clock is ClockName.IMPLIED_DECISION:
            found = implied_stop(self._known, self._rulebook)
            return self._planned(clock, *found) if found else None
        ended = ending(clock, self._known)
        rules = (self._rulebook.until(ended.recorded) if ended else self._rulebook).last
        made = promise(clock, self._known, rules)
        if made is None:
            return None
        stopped = stop(clock, ended, made, self._known, rules) if ended else None
        return self._planned(clock, made, rules, stopped)

    def _planned(
        self, clock: ClockName, made: Promise, rules: ClockRules, stopped: Stop | None
    ) -> ClockPlan:
        runs = stopped is None or stopped.outcome is Outcome.BORN
        climbs = runs if self._shown is None else clock in self._shown
        told = self._until(rules) if climbs or self._shown is None else ()
        turns = tenures(self._known, rules)
        bare = self._shown is not None
        climbing = rungs(clock, made, self._known, told, turns, bare=bare) if climbs else ()
        return ClockPlan(
            clock=clock,
            commitment=made.commitment,
            day_zero=made.day_zero,
            start=rules.start(made.day_zero),
            limit=made.limit,
            limit_by="" if bare else limit_by(clock, told),
            rules=rules.version,
            pauses=pauses(clock, self._known, rules) if runs and not bare else (),
            rungs=tuple(rung for rung in climbing if stopped is None or rung.at < stopped.at),
            stop=stopped,
        )

    def _until(self, rules: ClockRules) -> Sequence[Revision]:
        """The chapters written under the versions up to this one."""
        if rules.version not in self._chapters:
            versions = tuple(
                version for version in self._rulebook.versions if version.version <= rules.version
            )
            self._chapters[rules.version] = chapters(self._known, Rulebook(versions))
        return self._chapters[rules.version]


__all__ = ["ClockPlan", "Pause", "Plan", "Rung", "Stop", "Subject", "Tenure", "plan"]
