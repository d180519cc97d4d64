"""A rehearsal that somebody kept: its sums, and what differs of each item. Codes and days only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.desk.domain.wilson import interval
from shared.facts.vocabulary import ClockName
from shared.site.tables.commitments import Unit


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class RehearsedRate(_Frozen):
    """A kept rate under given rules, with its confidence interval (Wilson, 95 %)."""

    kept: int
    due: int

    @property
    def rate(self) -> float | None:
        """The share that was kept, 0 to 1; `None` where nothing can be judged."""
        return self.kept / self.due if self.due else None

    @property
    def interval(self) -> tuple[float, float]:
        """The confidence interval of the kept rate: lower and upper end."""
        return interval(self.kept, self.due)


class HearerCount(_Frozen):
    """The numbers of reminders to one role (head …) that rehearsed rules would drop and add."""

    before: int = 0
    """Reminders that would no longer be told so."""
    after: int = 0
    """Reminders that would be told instead, or as well."""


class PromisedDays(_Frozen):
    """A line of commitments.yaml whose number of days the rehearsed rules would change."""

    clock: ClockName
    line: str
    before: int | None
    after: int | None
    unit: Unit
    """Of the days that are proposed."""


class RehearsalSummary(_Frozen):
    """The totals of a rehearsal: items read and items that differ, rates, reminders."""

    items: int
    differing: int
    changes: int
    ahead: Mapping[str, int] = {}
    """Changes still to come, by what differs."""
    past: Mapping[str, int] = {}
    """Changes of what is over: it would have been otherwise."""
    before: Mapping[str, RehearsedRate] = {}
    """By clock."""
    after: Mapping[str, RehearsedRate] = {}
    hearers: Mapping[str, HearerCount] = {}
    """By audience (holder, head, …)."""
    persons: int = 0
    """Distinct persons who would hear something else, by the tables: before absences."""
    failed: int = 0
    """Items that could not be read, or not be replayed under one of the rules."""
    history: int = 0
    """Mails received before go-live that were counted as if they had been tracked."""
    days: Sequence[PromisedDays] = ()
    """Lines that promise another number of days."""
    unread_letters: int = 0
    """Letters whose text could not be read, where the rules route otherwise."""


class RehearsalKind(StrEnum):
    """The kind of a rehearsal: other rules, another release, or a past month alone."""

    RULES = "rules"
    RELEASE = "release"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class NewRehearsal:
    """A finished rehearsal (replay of items under other rules) that is not stored yet."""

    kind: RehearsalKind
    author: str
    why: str
    as_of: datetime
    month: date | None
    applied: int
    """The version that ran."""
    before_digest: str
    after_digest: str
    """Of rules and worked days, as `site apply` compares them."""
    release: str | None
    undeclared: int
    """Changes that the release does not name."""
    summary: RehearsalSummary
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class KeptRehearsal:
    """A stored rehearsal (replay of items under other rules), with its number."""

    number: int
    recorded_at: datetime
    what: NewRehearsal


@dataclass(frozen=True, slots=True)
class KeptChange:
    """A stored line of a rehearsal: an outcome of an item that other rules change, and why."""

    item_id: str
    chrono: str | None
    service: str
    reserved: bool
    thing: str
    subject: str
    name: str
    was: str | None
    would: str | None
    ahead: bool
    cause: str
    detail: str
