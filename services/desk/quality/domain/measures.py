"""A corrective measure, folded from its facts; and what may be decided about it. Pure.

There is no table of measures: what stands is what the chain says. Texts stand beside it, by their
digest. Who decides is asked by the pages; here stands what makes sense in which order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, assert_never

from shared.errors import Refused
from shared.facts.envelope import Digest, PersonId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.measures import (
    ActionStated,
    CauseStated,
    EffectPlanned,
    EffectRead,
    MeasureChanged,
    MeasureClosed,
    MeasureDone,
    MeasureFact,
    MeasureOpened,
    MeasureReopened,
    MeasureSource,
    MeasureVerdict,
    QualityRung,
)

OFTEN: Final = 2
"""A day put off so many times is told to the référent qualité."""
LATEST: Final = timedelta(days=731)
"""A due day lies at most two years ahead: beyond that it is a slip of the year."""


class MeasureState(StrEnum):
    """The state of a corrective measure: its column on the board."""

    TO_ANALYSE = "to_analyse"
    """Its cause or its action is not stated yet."""
    RUNNING = "running"
    TO_VERIFY = "to_verify"
    """Done: its effect is to be read, and a person concludes."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Measure:
    """A corrective measure as its facts make it; its texts are stored by digest."""

    subject: SubjectId
    number: int
    source: MeasureSource
    engagement: str | None
    owner: PersonId
    due: date
    seen: Digest
    opened_at: datetime
    opened_by: str
    cause: Digest | None = None
    action: Digest | None = None
    proof: Digest | None = None
    """Of the action; `None`: it is not done."""
    done_at: datetime | None = None
    postponed: int = 0
    """How often its day was put off since it was opened (again)."""
    put_off: tuple[tuple[datetime, date, date], ...] = ()
    """When, from which day to which, each time since it was opened (again)."""
    readings: int = 0
    """How often an effect was read since it was opened (again), of this plan or another."""
    plan: EffectPlanned | None = None
    reading: EffectRead | None = None
    """Of this plan; `None`: not read yet."""
    verdict: MeasureVerdict | None = None
    facts: Sequence[MeasureFact] = field(default=(), compare=False, repr=False)
    """All that was stated about it, in order."""

    @property
    def state(self) -> MeasureState:
        """The column of the board in which the corrective measure stands."""
        if self.verdict is not None:
            return MeasureState.CLOSED
        if self.proof is not None:
            return MeasureState.TO_VERIFY
        if self.cause is None or self.action is None:
            return MeasureState.TO_ANALYSE
        return MeasureState.RUNNING

    @property
    def awaits_action(self) -> bool:
        """Whether the measure's action is still to be done, so that its day counts."""
        return self.state in {MeasureState.TO_ANALYSE, MeasureState.RUNNING}

    @property
    def since(self) -> int:
        """The number (`seq`) of the fact that last set the measure's day, owner or state."""
        return next(
            fact.seq
            for fact in reversed(self.facts)
            if isinstance(fact, MeasureOpened | MeasureChanged | MeasureReopened)
        )

    @property
    def put_off_often(self) -> bool:
        """Whether the measure was postponed so often that the référent qualité is told."""
        return self.postponed >= OFTEN


def fold(facts: Iterable[MeasureFact]) -> Sequence[Measure]:
    """Returns corrective measures from their facts, by number."""
    found = dict[SubjectId, Measure]()
    for fact in facts:
        if isinstance(fact, MeasureOpened):
            found[fact.subject_id] = _opened(fact)
        elif fact.subject_id in found:  # else its opening can't be read
            measure = found[fact.subject_id]
            found[fact.subject_id] = replace(_after(measure, fact), facts=(*measure.facts, fact))
    return sorted(found.values(), key=lambda measure: measure.number)


def _opened(fact: MeasureOpened) -> Measure:
    return Measure(
        fact.subject_id,
        fact.number,
        fact.source,
        fact.engagement,
        fact.owner,
        fact.due,
        fact.sha256,
        fact.happened_at,
        fact.by,
        facts=(fact,),
    )


def _after(measure: Measure, fact: MeasureFact) -> Measure:
    changed: dict[str, Any] = {}
    match fact:
        case MeasureOpened() | QualityRung():
            pass
        case CauseStated():
            changed = {"cause": fact.sha256}
        case ActionStated():
            changed = {"action": fact.sha256}
        case MeasureChanged():
            changed = _moved(measure, fact)
        case MeasureDone():
            changed = {"proof": fact.sha256, "done_at": fact.happened_at}
        case EffectPlanned():
            changed = {"plan": fact, "reading": None}
        case EffectRead():
            changed = {"reading": fact, "readings": measure.readings + 1}
        case MeasureClosed():
            changed = {"verdict": fact.verdict}
        case MeasureReopened():
            changed = {
                "verdict": None,
                "proof": None,
                "done_at": None,
                "postponed": 0,
                "put_off": (),
                "readings": 0,
                "plan": None,
                "reading": None,
            }
        case _:
            assert_never(fact)
    return replace(measure, **changed)


def _moved(measure: Measure, fact: MeasureChanged) -> dict[str, Any]:
    due = fact.due or measure.due
    changed = {"due": due, "owner": fact.owner or measure.owner}
    if due <= measure.due:
        return changed
    put_off = (*measure.put_off, (fact.happened_at, measure.due, due))
    return changed | {"postponed": measure.postponed + 1, "put_off": put_off}


def alike(one: MeasureSource, other: MeasureSource) -> bool:
    """Whether two measures' sources are the same, whatever months or items they were seen in."""
    moving = {"first": None, "last": None, "items": ()}
    return one.model_copy(update=moving) == other.model_copy(update=moving)


def open_source(measures: Iterable[Measure], source: MeasureSource) -> Measure | None:
    """Returns the open corrective measure about the same source, or `None`."""
    return next(
        (
            measure
            for measure in measures
            if measure.state is not MeasureState.CLOSED and alike(measure.source, source)
        ),
        None,
    )


def by_state(measures: Iterable[Measure]) -> Mapping[MeasureState, Sequence[Measure]]:
    """Returns corrective measures by column of the board: by due day, closed ones latest first."""
    columns: dict[MeasureState, list[Measure]] = {state: [] for state in MeasureState}
    for measure in measures:
        columns[measure.state].append(measure)
    for state, column in columns.items():
        if state is MeasureState.CLOSED:
            column.sort(key=lambda measure: -measure.facts[-1].seq)
        else:
            column.sort(key=lambda measure: (measure.due, measure.number))
    return columns


def may_open(due: date, today: date) -> None:
    """Raises Refused for a measure whose day has passed, or is over two years ahead."""
    if due < today:
        raise Refused("The day of a measure lies ahead.", "measure-day-past", day=due)
    if due - today > LATEST:
        raise Refused("The day of a measure lies too far ahead.", "measure-day-far", day=due)


def may_analyse(measure: Measure) -> None:
    """Raises Refused for a new cause or action of a measure that is done or closed."""
    if not measure.awaits_action:
        raise Refused("This measure is done: open it again.", "measure-done")


def may_change(measure: Measure, due: date | None, owner: str | None, today: date) -> None:
    """Raises Refused for a change of a measure that is done, changes nothing, or sets a wrong day.

    A day that has passed, or is over two years ahead.
    """
    may_analyse(measure)
    if (due is None or due == measure.due) and (owner is None or owner == measure.owner):
        raise Refused("Nothing changes: give another day or owner.", "measure-unchanged")
    if due is not None:
        may_open(due, today)


def may_be_done(measure: Measure) -> None:
    """Raises Refused for a measure called done without its cause and action recorded, or twice."""
    may_analyse(measure)
    if measure.cause is None or measure.action is None:
        raise Refused("State its cause and its action first.", "measure-not-analysed")


def may_close(
    measure: Measure, verdict: MeasureVerdict, *, readable: bool = True, done_on: date | None = None
) -> None:
    """Raises Refused for a verdict on a measure that is closed, not done, or without a reading.

    A measure may be given up at any time. `readable`: whether its planned effect can be read, now
    or later; if it can, it must be read before the verdict « unproven ». `done_on`: the local day
    on which its action was done; months that all end before it prove nothing.
    """
    if measure.state is MeasureState.CLOSED:
        raise Refused("This measure is closed.", "measure-closed")
    if verdict is MeasureVerdict.GIVEN_UP:
        return
    if measure.state is not MeasureState.TO_VERIFY:
        raise Refused("Its action is not done yet: no effect can be judged.", "measure-not-done")
    if measure.reading is not None:
        plan, unproven = measure.plan, verdict is MeasureVerdict.UNPROVEN
        if plan is not None and done_on is not None and not unproven and all_before(plan, done_on):
            raise Refused("Its months end before the action.", "effect-before-action", day=done_on)
        return
    if verdict is not MeasureVerdict.UNPROVEN:
        raise Refused(
            "No effect was read: nothing says that it helped, or that it did not.",
            "effect-not-established",
        )
    if measure.plan is not None and readable:
        raise Refused(
            "An effect was planned and not read: read it first, or give the measure up.",
            "effect-not-read",
        )


def all_before(plan: EffectPlanned, done_on: date) -> bool:
    """Whether the months after, in a measure's planned effect, all precede its action.

    The month of the action is not one before it. `done_on`: the local day on which it was done.
    """
    return plan.after_last < done_on.replace(day=1)


def some_before(plan: EffectPlanned, done_on: date) -> bool:
    """Whether the months after, in a measure's planned effect, begin before its action was done."""
    return plan.after_first < done_on


def may_reopen(measure: Measure) -> None:
    """Raises Refused unless the measure is done or closed."""
    if measure.awaits_action:
        raise Refused("This measure is open.", "measure-open")
