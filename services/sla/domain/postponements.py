"""What puts rungs above the holder off: a change of holder (rule 5), an answered reminder (rule 8).

Both are measured from the rung's own day, so that they never add up: each puts off the first rung
ahead of it that is above the holder, the later ones move as much, and the largest counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from services.sla.domain.history import ItemHistory
from services.sla.domain.holders import Tenure, holding_at, is_above
from services.sla.domain.ladder import Dated
from services.sla.domain.rules import ClockRules
from shared.calendar.pieces import PiecesWait
from shared.facts.clocks import Answered, Holder, MovedBy
from shared.facts.items.routing import ReminderAnswered
from shared.facts.vocabulary import Audience, ClockName

A_CHANGE_OF_HOLDER = 2
AN_ANSWER = 5
"""Jours ouvrés that postponements of one kind can reach together [choice, docs/domain.md §2]."""

THE_LATEST_DATE = 10
"""Jours ouvrés after the limit; a later date is a holding reply, and refused here."""


@dataclass(frozen=True, slots=True)
class Postponement:
    """A reason to delay reminders above `holder` to `target`, by at most `at_most` jours ouvrés."""

    since: datetime
    holder: Holder
    target: date
    at_most: int
    why: MovedBy
    seq: int
    """Of the fact that put off."""
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class PutOff:
    """The postponement of one reminder by some jours ouvrés, with the holder's answer to it.

    `waited`: jours ouvrés of waits for missing pieces that began after its first day; they come on
    top (CLOCKS, rule 13).
    """

    by: int = 0
    waited: int = 0
    during: datetime | None = None
    """When the last of these waits began."""
    answered: Answered | None = None
    why: MovedBy | None = None
    seq: int | None = None
    """Of the fact that put it off."""


def delays_of_rungs(
    rungs: Sequence[Dated],
    every: Sequence[Postponement],
    waited: Sequence[PiecesWait],
    rules: ClockRules,
) -> Mapping[str, PutOff]:
    """Computes by how much each reminder is delayed by postponements and waits for pieces."""
    if every or waited:
        return _postponed(rungs, every, waited, rules)
    return dict.fromkeys((rung.name for rung in rungs), PutOff())


def _postponed(
    rungs: Sequence[Dated],
    every: Sequence[Postponement],
    waited: Sequence[PiecesWait],
    rules: ClockRules,
) -> Mapping[str, PutOff]:
    found = {rung.name: PutOff() for rung in rungs}

    def own(rung: Dated) -> date:
        return rules.calendar.add(rung.day, found[rung.name].waited)

    def now_on(rung: Dated) -> date:
        return rules.calendar.add(own(rung), found[rung.name].by)

    def postpone(one: Postponement) -> None:
        ahead = [
            rung
            for rung in rungs
            if is_above(rung.step, one.holder, rules) and rules.morning(now_on(rung)) > one.since
        ]
        if not ahead:
            return
        first = min(ahead, key=own)
        by = min(one.at_most, rules.calendar.between(own(first), one.target))
        for rung in ahead:
            before = found[rung.name]
            answered = one.answered if rung is first else None
            found[rung.name] = replace(
                before,
                by=max(before.by, by),
                answered=answered or before.answered,
                why=one.why if by > before.by else before.why,
                seq=one.seq if by > before.by else before.seq,
            )

    def wait(one: PiecesWait) -> None:
        length = max(0, rules.calendar.between(one.since, one.until))
        for rung in rungs:
            if rules.morning(rung.day) <= one.begun < rules.morning(now_on(rung)):
                before = found[rung.name]
                found[rung.name] = replace(before, waited=before.waited + length, during=one.begun)

    moments: list[tuple[datetime, int, Callable[[], None]]] = [
        *((wait.since, 0, partial(postpone, wait)) for wait in every),
        *((pieces_wait.begun, 1, partial(wait, pieces_wait)) for pieces_wait in waited),
    ]
    for _, _, happens in sorted(moments, key=lambda moment: moment[:2]):
        happens()
    return found


def changes_of_holder(turns: Sequence[Tenure], rules: ClockRules) -> Sequence[Postponement]:
    """Returns, for each change of holder, the postponement of the reminders above the new one.

    The new holder gets a full jour ouvré first (CLOCKS, rule 5).
    """
    return [
        Postponement(
            turn.since,
            turn.holder,
            rules.calendar.add(turn.day, 2),
            A_CHANGE_OF_HOLDER,
            MovedBy.HOLDER,
            turn.seq,
        )
        for turn in turns[1:]
    ]


def answers(
    clock: ClockName, known: ItemHistory, limit: date, turns: Sequence[Tenure], rules: ClockRules
) -> Sequence[Postponement]:
    """Returns the postponement by the holder's first answer to a clock's reminder; empty without.

    It reaches to the jour ouvré after the date that the holder gave (CLOCKS, rule 8). An answer
    with a date over ten jours ouvrés after `limit` does not count.
    """
    every = [fact for fact in known.every(ReminderAnswered) if fact.clock is clock]
    if not every:
        return ()
    latest = rules.calendar.add(limit, THE_LATEST_DATE)
    given = [fact for fact in every if fact.until <= latest]
    return [
        Postponement(
            fact.happened_at,
            holding_at(turns, fact.happened_at),
            rules.calendar.add(fact.until, 1),
            AN_ANSWER,
            MovedBy.ANSWER,
            fact.seq,
            Answered(reason=fact.reason, until=fact.until),
        )
        for fact in given[:1]
    ]


def extra_rungs(
    rungs: Sequence[Dated], turns: Sequence[Tenure], rules: ClockRules
) -> Sequence[tuple[str, date]]:
    """Returns the extra reminder of each holder who got the item after its reminders had begun.

    Its name is `given:<seq>`, its day the next jour ouvré. None for who gave the item on before
    that morning, nor where no reminder is told to holders (CLOCKS, rule 5).
    """
    if len(turns) < 2 or not any(Audience.HOLDER in rung.step.tell for rung in rungs):  # noqa: PLR2004  (a second holder)
        return ()
    first = min(rules.morning(rung.day) for rung in rungs)
    leaves = [*(turn.since for turn in turns[2:]), None]
    found = []
    for turn, left in zip(turns[1:], leaves, strict=False):
        day = rules.calendar.add(turn.day, 1)
        if turn.since >= first and (left is None or left > rules.morning(day)):
            found.append((f"given:{turn.seq}", day))
    return found
