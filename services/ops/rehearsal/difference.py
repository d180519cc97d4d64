"""What differs of an item between two rehearsals of it, each with why: pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.ops.rehearsal.outcome import RehearsedItem, RehearsedNotice, RehearsedRung
from services.ops.rehearsal.reasons import ChangeCause, RuleDifference
from shared.facts.envelope import Chrono, ItemId, ServiceId
from shared.facts.vocabulary import ClockName


class ChangedThing(StrEnum):
    """The kinds of outcomes of an item that may change under other rules (limit, notice …)."""

    LIMIT = "limit"
    RESULT = "result"
    RUNG = "rung"
    NOTICE = "notice"
    SORTING = "sorting"
    """Category, service, nature, perimeter or hold."""


@dataclass(frozen=True, slots=True)
class RehearsedChange:
    """A change of one outcome of an item under other rules: codes and local days, no text."""

    item_id: ItemId
    chrono: Chrono | None
    service: ServiceId
    reserved: bool
    thing: ChangedThing
    subject: str
    """A clock, a kind of notice, or the field of the sorting."""
    name: str
    """The rung; empty otherwise."""
    before: str | None
    after: str | None
    """`None`: there is none."""
    ahead: bool
    """It is still to come; what is not is past, and would have been otherwise."""
    cause: ChangeCause
    heard: tuple[RehearsedRung | None, RehearsedRung | None] = (None, None)
    """Of a reminder: as it was and as it would be, to count who hears."""


def differences(
    before: RehearsedItem | None, after: RehearsedItem | None, rules: RuleDifference, today: date
) -> Sequence[RehearsedChange]:
    """Returns the changes between an item's outcomes under two rules, in a fixed order.

    Both `None`: nothing.
    """
    either = after or before
    if either is None or before == after:
        return ()
    return list(_Comparison(before, after, either, rules, today).all())


_SORTING = ("category", "service", "nature", "perimeter", "reason", "hold", "qualified")


@dataclass(frozen=True)
class _Comparison:
    before: RehearsedItem | None
    after: RehearsedItem | None
    either: RehearsedItem
    rules: RuleDifference
    today: date

    def all(self) -> Iterator[RehearsedChange]:
        yield from self._sorting()
        for clock in ClockName:
            yield from self._clock(clock)
        yield from self._rungs()
        yield from self._notices()

    def _change(
        self,
        thing: ChangedThing,
        subject: str,
        said: tuple[str | None, str | None],
        cause: ChangeCause,
        *,
        ahead: bool,
        name: str = "",
        heard: tuple[RehearsedRung | None, RehearsedRung | None] = (None, None),
    ) -> RehearsedChange:
        one = self.either
        reserved = any(item.reserved for item in (self.before, self.after) if item is not None)
        return RehearsedChange(
            one.item_id, one.chrono, one.service, reserved, thing, subject, name, *said, ahead,
            cause, heard,
        )  # fmt: skip

    def _sorting(self) -> Iterator[RehearsedChange]:
        if self.before is None or self.after is None:
            return
        for field in _SORTING:
            old, new = (_said(getattr(item, field)) for item in (self.before, self.after))
            if old != new:
                cause = self.rules.of_sorting(field, self.before, self.after)
                ahead = any(clock.running for clock in self.after.clocks.values())
                yield self._change(ChangedThing.SORTING, field, (old, new), cause, ahead=ahead)

    def _clock(self, clock: ClockName) -> Iterator[RehearsedChange]:
        old = None if self.before is None else self.before.clocks.get(clock)
        new = None if self.after is None else self.after.clocks.get(clock)
        if old == new:
            return
        cause = self.rules.of_clock(clock, self.before, self.after)
        running = (new or old) is not None and any(each.running for each in (old, new) if each)
        days = tuple(each.limit.isoformat() if each else None for each in (old, new))
        zeros = tuple(each.day_zero if each else None for each in (old, new))
        if days[0] != days[1] or zeros[0] != zeros[1]:
            yield self._change(
                ChangedThing.LIMIT, clock.value, (days[0], days[1]), cause, ahead=running
            )
        results = tuple(each.result if each else None for each in (old, new))
        if results[0] != results[1]:
            yield self._change(
                ChangedThing.RESULT, clock.value, (results[0], results[1]), cause, ahead=running
            )
        elif days[0] == days[1] and old and new and old.commitment != new.commitment:
            lines = (old.commitment, new.commitment)
            yield self._change(ChangedThing.LIMIT, clock.value, lines, cause, ahead=running)

    def _rungs(self) -> Iterator[RehearsedChange]:
        old, new = (item.rungs if item else {} for item in (self.before, self.after))
        for key in sorted(old.keys() | new.keys()):
            one, other = old.get(key), new.get(key)
            if one == other:
                continue
            clock, _, name = key.partition(" ")
            last = max(rung.day for rung in (one, other) if rung is not None)
            yield self._change(
                ChangedThing.RUNG,
                clock,
                (_rung(one), _rung(other)),
                self.rules.of_rung(ClockName(clock), name, self.before, self.after),
                ahead=last > self.today,
                name=name,
                heard=(one, other),
            )

    def _notices(self) -> Iterator[RehearsedChange]:
        old, new = (item.notices if item else {} for item in (self.before, self.after))
        for key in sorted(old.keys() | new.keys()):
            one, other = old.get(key), new.get(key)
            if one == other:
                continue
            either = other or one
            if either is None:
                continue
            last = max(notice.day for notice in (one, other) if notice is not None)
            yield self._change(
                ChangedThing.NOTICE,
                either.kind.value,
                (_notice(one, other), _notice(other, one)),
                self.rules.of_notice(one, other, self.before, self.after),
                ahead=last > self.today,
            )


def _said(value: object) -> str | None:
    return None if value is None else str(value)


def _rung(one: RehearsedRung | None) -> str | None:
    return None if one is None else f"{one.day} {','.join(one.tell)}"


def _notice(one: RehearsedNotice | None, other: RehearsedNotice | None) -> str | None:
    """What becomes of a notice; its text where that alone, or that too, is another one."""
    if one is None:
        return None
    said = f"{one.verdict} {one.way.value} {one.day}" + (f" ({one.why})" if one.why else "")
    texts = other is not None and one.text != other.text and one.text and other.text
    return f"{said} [{one.text}]" if texts else said


def by_kind(changes: Sequence[RehearsedChange]) -> Mapping[ChangedThing, int]:
    """Counts the changes of a rehearsal by the kind of thing that differs."""
    found: dict[ChangedThing, int] = {}
    for change in changes:
        found[change.thing] = found.get(change.thing, 0) + 1
    return found
