"""The calendar of a label: a pure function of its date and of the steps of its framework.

A month after the 31st ends earlier: each date is counted from the label's date itself and falls on
the last day of a shorter month. No date moves to a jour ouvré: nobody has confirmed that it does.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Final

from shared.site.tables.quality import OF_DOCUMENTS, CalendarStep, StepKind

Occurrence = tuple[str, int]
"""A step as facts name it, and which of its dates, from 1."""

RUNGS: Final = (60, 30, 10, 0)
"""Days before a date on which the référent qualité is reminded of it; on the last, the SG too."""
FORGOTTEN: Final = 30
"""Days by which a date may lie back when the calendar is stated: of older ones nobody is
reminded, the page still shows them."""


@dataclass(frozen=True, slots=True)
class DueStep:
    """A date of the label's calendar (audit, renewal …), with the step that is due then."""

    step: CalendarStep
    number: int
    """Which of the step's dates, from 1: it stays when the label's date or a month is corrected."""
    due: date
    documents: bool = False
    """What is due is the documents of the step, not the step."""

    @property
    def key(self) -> str:
        """The stable name of the label's date, for fact ids: its day may move, not the name."""
        return f"{self.fact_step} {self.number}"

    @property
    def fact_step(self) -> str:
        """The label's step as facts name it; documents are planned and handed in separately."""
        return f"{self.step.id}{OF_DOCUMENTS}" if self.documents else self.step.id

    @property
    def occurrence(self) -> Occurrence:
        """The key (step, number) of this date, by which it is found when it was planned or held."""
        return self.fact_step, self.number

    @property
    def of_step(self) -> Occurrence:
        """The key (step, number) of the label's step, for whose documents this date may be."""
        return self.step.id, self.number

    @property
    def text(self) -> str:
        """The step of the label that is due at the date, in French words."""
        return f"Documents : {self.step.text.lower()}" if self.documents else self.step.text


def after(day: date, months: int) -> date:
    """Returns the same day of the month so many months later, or that month's last day.

    Earlier, if `months` is negative.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def label_calendar(
    label: date, steps: Sequence[CalendarStep], held: Mapping[Occurrence, date] | None = None
) -> Sequence[DueStep]:
    """Computes every date of the label's calendar, in order of time.

    `held`: the days on which steps were held. A step that is counted `since_last` is due so many
    months after it was last held. A date that was held stays even when it lies after the end of the
    label.
    """
    last = max((month for step in steps for month in step.at), default=0)
    end = after(label, last)
    found = [
        date_due
        for step in steps
        for number, due in enumerate(_dates(label, end, step, held or {}), start=1)
        for date_due in _with_documents(step, number, due)
    ]
    return sorted(found, key=lambda one: (one.due, not one.documents, one.step.id))


def _dates(
    label: date, end: date, step: CalendarStep, held: Mapping[Occurrence, date]
) -> Iterator[date]:
    if step.every is None:
        yield from (after(label, months) for months in sorted(step.at))
        return
    most = max((number for name, number in held if name == step.id), default=0)
    for number in count(1):
        start, before = label, 0
        if step.since_last:
            before = max((n for n in range(1, number) if (step.id, n) in held), default=0)
            start = held.get((step.id, before), label)
        due = after(start, (number - before) * step.every)
        if due > end and number > most:
            return
        yield due


def _with_documents(step: CalendarStep, number: int, due: date) -> Iterator[DueStep]:
    if step.documents is not None:
        yield DueStep(step, number, after(due, -step.documents), documents=True)
    yield DueStep(step, number, due)


def rung(due: date, today: date, since: date | None = None) -> int | None:
    """Returns the reminder that a date of the label has reached: 60, 30, 10 or 0 days before.

    `None` before the first, and when the date was long past on the day `since` on which the
    calendar was stated (`None`: today): what fell after it is owed, however late it is looked for.
    """
    if (due - (since or today)).days < -FORGOTTEN:
        return None
    left = (due - today).days
    return min((days for days in RUNGS if left <= days), default=None)


def is_last(days: int) -> bool:
    """Returns whether a reminder of the label's date is the last, which the SG receives too."""
    return days == RUNGS[-1]


AUDITS: Final = frozenset(
    {
        StepKind.SELF_ASSESSMENT,
        StepKind.INTERNAL_AUDIT,
        StepKind.FOLLOW_UP,
        StepKind.RENEWAL,
    }
)
"""Steps that state findings."""
