"""Why something differs: which line of which table, in a code and its detail. Pure.

A cause is looked for from the nearest to the farthest: the sorting of the item, the line of
commitments.yaml, the regime, the days that are not worked. What none of them explains says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from services.ops.rehearsal.outcome import RehearsedClock, RehearsedItem, RehearsedNotice
from services.ops.rehearsal.rule_scope import rows_changed, steps_changed
from shared.facts.vocabulary import ClockName
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.commitments import Commitment, Ladder

_SORTED = ("hold", "category", "nature", "service", "perimeter", "qualified")


class CauseCode(StrEnum):
    """The kinds of causes for which an outcome of an item differs under other rules."""

    PERIMETER = "perimeter"
    GO_LIVE = "go_live"
    ROUTING = "routing"
    LINE = "line"
    """Another line of commitments.yaml counts, or none."""
    DAYS = "days"
    REGIME = "regime"
    CALENDAR = "calendar"
    LADDER = "ladder"
    LIMIT = "limit"
    """The limit from which it is counted moved."""
    PEOPLE = "people"
    """Head or director of a service, or who answers for it."""
    MORNING = "morning"
    NOTICES = "notices"
    TEMPLATE = "template"
    HOURS = "hours"
    SITE = "site"
    """The identity of the site: its zone, its offices."""
    PROGRAM = "program"
    """The program itself: another release counts otherwise."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ChangeCause:
    """The cause for which an outcome of an item differs: a code, and the line of the rules."""

    code: CauseCode
    detail: str = ""


@dataclass(frozen=True)
class RuleDifference:
    """The two versions of the rules in a rehearsal, to find which line causes a difference."""

    before: AppliedSite
    after: AppliedSite
    program: str = ""
    """The other release, where it is the program that differs and not the rules."""

    def of_sorting(self, field: str, old: RehearsedItem, new: RehearsedItem) -> ChangeCause:
        """Returns the cause why an item has another service, category or perimeter."""
        if self.program:
            return ChangeCause(CauseCode.PROGRAM, self.program)
        if field in {"perimeter", "reason"} and old.category == new.category and new.category:
            return ChangeCause(CauseCode.PERIMETER, f"categories.{new.category}")
        return ChangeCause(CauseCode.ROUTING, ", ".join(self._routing))

    def of_clock(
        self, clock: ClockName, old: RehearsedItem | None, new: RehearsedItem | None
    ) -> ChangeCause:
        """Returns the cause why a clock has another limit or result, begins or is gone."""
        return next(self._of_clock(clock, old, new))

    def of_rung(
        self, clock: ClockName, name: str, old: RehearsedItem | None, new: RehearsedItem | None
    ) -> ChangeCause:
        """Returns the cause why a reminder has another day or reader, or is gone."""
        return next(self._of_rung(clock, f"{clock.value} {name}", old, new))

    def of_notice(
        self,
        was: RehearsedNotice | None,
        would: RehearsedNotice | None,
        old: RehearsedItem | None,
        new: RehearsedItem | None,
    ) -> ChangeCause:
        """Returns the cause why a notice leaves otherwise, on another day, or with another text."""
        return next(self._of_notice(was, would, old, new))

    def _of_program(
        self, old: RehearsedItem | None, new: RehearsedItem | None
    ) -> Iterator[ChangeCause]:
        if self.program:
            yield ChangeCause(CauseCode.PROGRAM, self.program)
        if old is None or new is None:
            yield ChangeCause(CauseCode.GO_LIVE)

    def _of_clock(
        self, clock: ClockName, old: RehearsedItem | None, new: RehearsedItem | None
    ) -> Iterator[ChangeCause]:
        yield from self._of_program(old, new)
        if old is None or new is None:
            return
        was, would = old.clocks.get(clock), new.clocks.get(clock)
        if was is None or would is None:
            yield from self._of_existing(clock, old, new, was or would)
            return
        if was.commitment != would.commitment:
            yield self._of_line(old, new, was.commitment, would.commitment)
        yield from self._of_days(was, would)
        if clock is ClockName.IMPLIED_DECISION and self._regimes:
            yield ChangeCause(CauseCode.REGIME, ", ".join(self._regimes))
        if (was.limit, was.day_zero) != (would.limit, would.day_zero):
            first, last = min(was.day_zero, would.day_zero), max(was.limit, would.limit)
            yield from self._of_calendar(first, last)
        if clock is ClockName.HOLDING:
            yield from self._of_clock(ClockName.REPLY, old, new)
        yield from self._of_sorted(old, new)
        yield from self._of_site()

    def _of_rung(
        self,
        clock: ClockName,
        rung: str,
        old: RehearsedItem | None,
        new: RehearsedItem | None,
    ) -> Iterator[ChangeCause]:
        yield from self._of_program(old, new)
        if old is None or new is None:
            return
        was, would = old.clocks.get(clock), new.clocks.get(clock)
        if was is None or would is None or was.commitment != would.commitment:
            yield from self._of_clock(clock, old, new)
            return
        if (was.limit, was.day_zero) != (would.limit, would.day_zero):
            yield from self._of_clock(clock, old, new)
        ladder, other = self._ladder(self.before, was), self._ladder(self.after, would)
        if ladder and other and ladder != other:
            yield ChangeCause(
                CauseCode.LADDER, f"ladders.{other.id}: {steps_changed(ladder, other)}"
            )
        days = [item.rungs[rung].day for item in (old, new) if rung in item.rungs]
        yield from self._of_calendar(min(was.day_zero, *days), max(was.limit, *days))
        if clock is ClockName.HOLDING:
            yield from self._of_clock(ClockName.REPLY, old, new)
        yield from self._of_sorted(old, new)
        yield from self._of_site()

    def _of_notice(
        self,
        was: RehearsedNotice | None,
        would: RehearsedNotice | None,
        old: RehearsedItem | None,
        new: RehearsedItem | None,
    ) -> Iterator[ChangeCause]:
        yield from self._of_program(old, new)
        if old is None or new is None:
            return
        if was is None or would is None or (was.verdict, was.why) != (would.verdict, would.why):
            yield from self._of_sorted(old, new)
        elif was.day != would.day:
            yield from self._of_calendar(min(was.day, would.day), max(was.day, would.day))
            yield ChangeCause(CauseCode.HOURS)
        elif was.text != would.text:
            yield ChangeCause(CauseCode.TEMPLATE, f"templates/{would.kind.value}.txt.j2")
        if self._rows:
            yield ChangeCause(CauseCode.NOTICES, ", ".join(self._rows))
        if self._regimes:
            yield ChangeCause(CauseCode.REGIME, ", ".join(self._regimes))
        yield from self._of_site()

    def _of_sorted(self, old: RehearsedItem, new: RehearsedItem) -> Iterator[ChangeCause]:
        """The item is sorted otherwise."""
        for name in _SORTED:
            if getattr(old, name) != getattr(new, name):
                yield self.of_sorting(name, old, new)

    def _of_days(self, was: RehearsedClock, would: RehearsedClock) -> Iterator[ChangeCause]:
        line, other = self._line(self.before, was), self._line(self.after, would)
        if line and other and (line.days, line.unit) != (other.days, other.unit):
            old, new = (f"{row.days} {row.unit.value}" for row in (line, other))
            yield ChangeCause(CauseCode.DAYS, f"commitments.{line.id}: {old} → {new}")

    def _of_calendar(self, first: date, last: date) -> Iterator[ChangeCause]:
        """The days about these that one calendar alone works."""
        since, until = first - timedelta(days=14), last + timedelta(days=14)
        if found := [day.isoformat() for day in sorted(self._off) if since <= day <= until]:
            yield ChangeCause(CauseCode.CALENDAR, ", ".join(found))

    def _of_existing(
        self,
        clock: ClockName,
        old: RehearsedItem,
        new: RehearsedItem,
        one: RehearsedClock | None,
    ) -> Iterator[ChangeCause]:
        """A clock that exists on one side only."""
        if (old.perimeter, old.category, old.nature) != (new.perimeter, new.category, new.nature):
            field = "perimeter" if old.perimeter != new.perimeter else "category"
            yield self.of_sorting(field, old, new)
        if self.before.go_live != self.after.go_live:
            yield ChangeCause(CauseCode.GO_LIVE)
        if clock is ClockName.IMPLIED_DECISION and self._regimes:
            yield ChangeCause(CauseCode.REGIME, ", ".join(self._regimes))
        line = one.commitment if one else clock.value
        if clock is ClockName.HOLDING and self._lines_named(line):
            yield from self._of_clock(ClockName.REPLY, old, new)
        yield ChangeCause(CauseCode.LINE, f"commitments.{line}")

    def _lines_named(self, line: str) -> bool:
        """Whether both versions have this line of commitments.yaml, word for word."""
        old, new = (
            [row for row in rules.site.commitments.commitments if row.id == line]
            for rules in self._both
        )
        return bool(old) and old == new

    def _of_line(
        self, old: RehearsedItem, new: RehearsedItem, line: str, other: str
    ) -> ChangeCause:
        sorting = next(
            (
                name
                for name in ("category", "nature", "service")
                if getattr(old, name) != getattr(new, name)
            ),
            None,
        )
        if sorting is not None:
            return self.of_sorting(sorting, old, new)
        return ChangeCause(CauseCode.LINE, f"commitments: {line} → {other}")

    def _of_site(self) -> Iterator[ChangeCause]:
        old, new = self.before.site.identity, self.after.site.identity
        if old.day_rung != new.day_rung:
            said = f"site.day_rung: {old.day_rung:%H:%M} → {new.day_rung:%H:%M}"
            yield ChangeCause(CauseCode.MORNING, said)
        if self.before.site.services != self.after.site.services:
            yield ChangeCause(CauseCode.PEOPLE, "services.yaml")
        if old != new:
            yield ChangeCause(CauseCode.SITE, "site.yaml")
        if self.before.site.sources != self.after.site.sources:
            yield ChangeCause(CauseCode.SITE, "mailboxes.yaml")
        if self.before.go_live != self.after.go_live:
            yield ChangeCause(CauseCode.GO_LIVE)
        yield ChangeCause(CauseCode.UNKNOWN)

    @staticmethod
    def _line(applied: AppliedSite, clock: RehearsedClock) -> Commitment | None:
        every = applied.site.commitments.commitments
        return next((line for line in every if line.id == clock.commitment), None)

    def _ladder(self, applied: AppliedSite, clock: RehearsedClock) -> Ladder | None:
        line = self._line(applied, clock)
        every = applied.site.commitments.ladders
        return next((ladder for ladder in every if line and ladder.id == line.ladder), None)

    @cached_property
    def _off(self) -> frozenset[date]:
        old, new = ({off.day for off in rules.days.off} for rules in self._both)
        return frozenset(old ^ new)

    @cached_property
    def _regimes(self) -> tuple[str, ...]:
        old, new = self.before.site.regime, self.after.site.regime
        return tuple(
            f"regimes.{code}" for code in sorted({*old, *new}) if old.get(code) != new.get(code)
        )

    @cached_property
    def _rows(self) -> tuple[str, ...]:
        old, new = (rules.site.notices for rules in self._both)
        found = rows_changed("notices", old.rows, new.rows)
        return found or (("notices.yaml",) if old != new else ())

    @cached_property
    def _routing(self) -> tuple[str, ...]:
        old, new = (rules.site.routing for rules in self._both)
        found = (
            *rows_changed("routing", old.rules, new.rules),
            *rows_changed("categories", old.categories, new.categories),
        )
        return found or ("routing.yaml",)

    @property
    def _both(self) -> tuple[AppliedSite, AppliedSite]:
        return self.before, self.after
