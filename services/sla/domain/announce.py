"""What to tell: the difference between the plan up to now and what stands (docs/design.md, law 3).

Due and not standing, it is told; standing and no longer due, it is taken back; standing and still
due under another limit, only `LimitMoved` says so. A stop ends all that stands of its clock, and
takes back what is dated after its own moment (rule 7). A rung above the holder waits until the
sources were read that day, at most until the next jour ouvré (rule 1); whoever holds the item when
it is told is told (rule 6).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.sla.domain.endings import Stop
from services.sla.domain.plan import ClockPlan, Pause, Plan, Subject
from services.sla.domain.rungs import Rung
from services.sla.domain.standing import ClockStanding, Standing, ToldStop
from shared.facts.authors import by_service
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
from shared.facts.envelope import Via
from shared.facts.ids import event_id
from shared.facts.vocabulary import ClockName

SourcesRead = Mapping[str, datetime]
"""Source → the moment up to which a complete pass has read it."""

BY = by_service("sla")
SKEW = timedelta(minutes=1)
"""What the clocks of two machines may differ by."""
SHOULD_NOT_HAVE_STARTED = ToldStop(Outcome.WITHDRAWN, None, None)


def announce(plan: Plan, standing: Standing, read: SourcesRead, now: datetime) -> Sequence[Clocks]:
    """Returns the clock facts to publish at `now`: what the plan has and was not published yet."""
    if plan.subject is None:
        return ()
    as_of = latest(plan, now)
    found = list(_every(plan, plan.subject, standing, read, as_of))
    return [
        said.finish(plan.subject, standing, revision, as_of)
        for revision, said in enumerate(found, start=standing.revision + 1)
    ]


def latest(plan: Plan, now: datetime) -> datetime:
    """Returns `now`, or the moment of the last known fact if that is up to a minute later.

    The clocks of two machines may differ so much; a fact of a much later time is not heeded.
    """
    return max(now, min(plan.known, now + SKEW)) if plan.known else now


@dataclass(frozen=True, slots=True)
class PendingFact:
    """A clock fact without its id yet; `name` makes its event id the same every time."""

    kind: type[Clocks]
    clock: ClockName
    limit: date
    happened_at: datetime
    fields: Mapping[str, Any]
    name: tuple[str | int, ...] = ()

    def finish(self, subject: Subject, standing: Standing, revision: int, now: datetime) -> Clocks:
        """Completes the fact with event id, moments, item, holder and service."""
        name = self.name or (revision,)
        return self.kind(
            event_id=event_id(standing.item_id, self.clock, self.kind.__name__, *name),
            happened_at=self.happened_at,
            recorded_at=now,
            by=BY,
            via=Via.MACHINE,
            item_id=standing.item_id,
            revision=revision,
            chrono=subject.chrono,
            service=subject.service,
            holder=subject.holder,
            category=subject.category,
            clock=self.clock,
            limit=self.limit,
            **self.fields,
        )


def _every(
    plan: Plan, subject: Subject, standing: Standing, read: SourcesRead, now: datetime
) -> Iterator[PendingFact]:
    planned = {clock_plan.clock for clock_plan in plan.clocks}
    for clock, left in standing.clocks.items():
        if clock not in planned and left.exists:
            yield from _undone(clock, left, plan.last, now)
    for clock_plan in plan.clocks:
        before = standing.clocks.get(clock_plan.clock)
        stands = before if before and before.exists else None
        tellings = before.tellings if before else {}
        yield from _begun(clock_plan, stands, now)
        yield from _taken_back(clock_plan, stands, now)
        yield from _paused(clock_plan, stands, now)
        yield from _ended(clock_plan, stands, plan.last, now)
        for rung, unread in reachable(clock_plan, subject, stands, read, now):
            yield _reached(clock_plan, rung, tellings.get(rung.name, 0) + 1, unread=unread)


def _undone(
    clock: ClockName, stands: ClockStanding, why: str, now: datetime
) -> Iterator[PendingFact]:
    for name, rung in stands.rungs.items():
        yield _withdrawn(clock, stands.limit, name, rung.telling, now)
    yield _settled(clock, stands.limit, SHOULD_NOT_HAVE_STARTED, stands.stop, why, now)


def _begun(one: ClockPlan, stands: ClockStanding | None, now: datetime) -> Iterator[PendingFact]:
    if stands is None:
        fields = {"commitment": one.commitment, "day_zero": one.day_zero, "rules": one.rules}
        yield PendingFact(ClockStarted, one.clock, one.limit, one.start, fields)
    elif stands.limit != one.limit or stands.day_zero not in (None, one.day_zero):
        fields = {
            "before": stands.limit,
            "why": one.limit_by,
            "rules": one.rules,
            "day_zero": one.day_zero,
            "commitment": one.commitment,
        }
        yield PendingFact(LimitMoved, one.clock, one.limit, now, fields)


def _taken_back(
    one: ClockPlan, stands: ClockStanding | None, now: datetime
) -> Iterator[PendingFact]:
    # A clock a little behind the one that told a rung does not take it back.
    due = {rung.name for rung in one.rungs if rung.at <= now + SKEW}
    ended = stop_of(one, now)
    for name, rung in stands.rungs.items() if stands else ():
        if rung.at > ended.at if ended else name not in due:
            yield _withdrawn(one.clock, one.limit, name, rung.telling, now)


def _paused(one: ClockPlan, stands: ClockStanding | None, now: datetime) -> Iterator[PendingFact]:
    if stop_of(one, now):
        return
    current = current_pause(one, now)
    told = stands.pause if stands else None
    if current and (told is None or (told.since, told.until) != (current.since, current.until)):
        fields: Mapping[str, Any] = {"since": current.since, "until": current.until}
        yield PendingFact(ClockPaused, one.clock, one.limit, current.begun, fields)
    elif told and not current:
        over = next((each.until for each in one.pauses if each.since == told.since), told.since)
        yield PendingFact(ClockResumed, one.clock, one.limit, now, {"since": over})


def _ended(
    one: ClockPlan, stands: ClockStanding | None, last: str, now: datetime
) -> Iterator[PendingFact]:
    told, ended = stands.stop if stands else None, stop_of(one, now)
    if ended:
        settled = ToldStop(ended.outcome, ended.raw, ended.net)
        if told != settled:
            yield _settled(one.clock, one.limit, settled, told, ended.why, ended.at)
    elif told:
        fields = {"outcome": None, "raw": None, "net": None, "why": last}
        yield PendingFact(ClockCorrected, one.clock, one.limit, now, fields)


def _settled(
    clock: ClockName, limit: date, stop: ToldStop, told: ToldStop | None, why: str, at: datetime
) -> PendingFact:
    fields = {"outcome": stop.outcome, "raw": stop.raw, "net": stop.net}
    if told is None:
        return PendingFact(ClockStopped, clock, limit, at, fields)
    return PendingFact(ClockCorrected, clock, limit, at, {**fields, "why": why})


def _withdrawn(
    clock: ClockName, limit: date, name: str, telling: int, now: datetime
) -> PendingFact:
    fields = {"rung": name, "telling": telling}
    return PendingFact(RungWithdrawn, clock, limit, now, fields, (name, telling))


def _reached(one: ClockPlan, rung: Rung, telling: int, *, unread: bool) -> PendingFact:
    fields = {
        "rung": rung.name,
        "telling": telling,
        "tell": rung.tell,
        "fell": rung.fell,
        "due": rung.due,
        "moved": rung.moved,
        "days": rung.days,
        "held": rung.held,
        "answered": rung.answered,
        "collapsed": rung.collapsed,
        "unread_sources": unread,
    }
    return PendingFact(RungReached, one.clock, one.limit, rung.at, fields, (rung.name, telling))


def stop_of(one: ClockPlan, now: datetime) -> Stop | None:
    """Returns the stop of a clock, if its moment has come; else `None`."""
    return one.stop if one.stop and one.stop.by(now) else None


def current_pause(one: ClockPlan, now: datetime) -> Pause | None:
    """Returns the pause of a clock that is in effect at `now`, or `None`."""
    return next((each for each in one.pauses if each.begun <= now < each.over), None)


def due_rungs(one: ClockPlan, now: datetime) -> Sequence[Rung]:
    """Returns the reminders (rungs) of a clock that are due at `now`, published or not."""
    return () if stop_of(one, now) else [rung for rung in one.rungs if rung.at <= now]


def reachable(
    one: ClockPlan,
    subject: Subject,
    stands: ClockStanding | None,
    read: SourcesRead,
    now: datetime,
) -> Iterator[tuple[Rung, bool]]:
    """Yields each reminder to publish now, and whether mailboxes were unread (CLOCKS, rule 1)."""
    standing = stands.rungs if stands else {}
    for rung in due_rungs(one, now):
        if rung.name in standing:
            continue
        unread = rung.gate is not None and not all(
            source in read and read[source] >= rung.gate.read_from for source in subject.sources
        )
        if not unread or (rung.gate and rung.gate.latest <= now):
            yield rung, unread
