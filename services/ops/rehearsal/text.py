"""A rehearsal as lines of a terminal, or as lines of JSON: an item at a time, then the sums."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.desk.domain.rehearsals import RehearsalSummary, RehearsedRate
from services.ops.rehearsal.difference import RehearsedChange


def item(changes: Sequence[RehearsedChange]) -> Iterator[str]:
    """Yields lines of text on what differs for one item: its number, then a line a change."""
    first = changes[0]
    yield f"{first.chrono or first.item_id}  {first.service}"
    for change in changes:
        when = "would be" if change.ahead else "would have been"
        about = f"{change.thing.value} {change.subject} {change.name}".rstrip()
        cause = f"{change.cause.code.value} {change.cause.detail}".rstrip()
        yield f"    {about}: {change.before or 'none'}, {when} {change.after or 'none'}  [{cause}]"


def item_json(changes: Sequence[RehearsedChange]) -> str:
    """Formats what differs of one item in a rehearsal as a line of JSON."""
    first = changes[0]
    told: dict[str, Any] = {
        "item": str(first.item_id),
        "chrono": first.chrono,
        "service": first.service,
        "changes": [
            {
                "thing": change.thing.value,
                "subject": change.subject,
                "name": change.name,
                "before": change.before,
                "after": change.after,
                "ahead": change.ahead,
                "cause": change.cause.code.value,
                "detail": change.cause.detail,
            }
            for change in changes
        ],
    }
    return json.dumps(told, ensure_ascii=False)


def summary(found: RehearsalSummary) -> Iterator[str]:
    """Formats the sums of a rehearsal as lines of text."""
    yield f"{found.items} items read, {found.differing} differ in {found.changes} points."
    if found.history:
        yield f"{found.history} of them are mails from before go-live, as if they had been tracked."
    for said, counts in (("Still to come", found.ahead), ("Would have been", found.past)):
        if counts:
            yield f"{said}: {_counts(counts)}."
    for clock in sorted({*found.before, *found.after}):
        before, after = found.before.get(clock), found.after.get(clock)
        yield f"{clock}: kept {_rate(before)} → {_rate(after)}"
    yield from _with_other_days(found)
    if found.hearers:
        told = (f"{name} {count.before} → {count.after}" for name, count in found.hearers.items())
        yield f"Reminders that move, by who hears them: {', '.join(told)}."
        yield f"Persons who would hear something else: {found.persons}."
    if found.failed:
        yield f"{found.failed} items could not be read or replayed: nothing is said of them."
    if found.unread_letters:
        yield (
            f"{found.unread_letters} letters could not be read: of them only the rule that had "
            "decided was compared."
        )


def release(name: str, undeclared: int, kinds: Sequence[str]) -> str:
    """Formats whether a release changes outcomes in a way that it does not declare."""
    if not undeclared:
        return f"Release {name} counts nothing otherwise that it does not declare."
    return (
        f"Release {name} counts {undeclared} points otherwise that it does not declare "
        f"({', '.join(kinds)}): `vaguemestre migrate` of that release refuses."
    )


def _with_other_days(found: RehearsalSummary) -> Iterator[str]:
    """The sentence for whoever decides: days promised instead, and the rate that follows."""
    for line in found.days:
        rate = found.after.get(line.clock.value)
        if rate is not None and rate.rate is not None:
            yield (
                f"With {line.after} {line.unit.value} instead of {line.before} ({line.line}) we "
                f"would have kept {_percent(rate.rate)} of clock {line.clock.value}."
            )


def _rate(one: RehearsedRate | None) -> str:
    if one is None or one.rate is None:
        return "nothing to judge"
    low, high = one.interval
    return f"{_percent(one.rate)} ({_percent(low)} to {_percent(high)}) of {one.due}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %".replace(".0 %", " %")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
