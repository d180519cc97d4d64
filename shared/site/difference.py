"""What a new version changes, said line by line for whoever applies it."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.calendar.working_days import WorkingCalendar
from shared.site.tables.bundle import Site
from shared.values import Certainty

_NAMES = ("id", "kind", "day")
"""By which of its fields a row is recognised when the order changed."""


@dataclass(frozen=True, slots=True)
class NumberReplaced:
    """A number of the quality label that new rules change: its name, and both values."""

    name: str
    """`commitments.ID`, `FRAMEWORK.ROW.FIELD`, `website.ID.every`."""
    before: str
    after: str

    def __str__(self) -> str:
        """In one line, as commands and facts say it."""
        return f"{self.name}: {self.before} → {self.after}"


def difference(before: Site, after: Site) -> Sequence[str]:
    """Lists the changes between two versions of the rules, a line for each changed value.

    Templates are compared line by line.
    """
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    templates = _templates(old.pop("templates"), new.pop("templates"))
    return [*_changes("", old, new), *templates]


def days_changed(before: WorkingCalendar, after: WorkingCalendar) -> Sequence[str]:
    """Lists the days that are worked in one working calendar and not in the other."""
    if before == after.model_copy(update={"library": before.library}):
        return []
    old = {off.day: off.why for off in before.off}
    new = {off.day: off.why for off in after.off}
    lines = [f"days: {day} is worked again (was: {old[day]})" for day in old.keys() - new.keys()]
    lines += [f"days: {day} is no longer worked ({new[day]})" for day in new.keys() - old.keys()]
    span = f"days: the calendar goes from {after.first} to {after.last}"
    moved = (before.first, before.last) != (after.first, after.last)
    return sorted(lines) + ([span] if moved else [])


def numbers_replaced(before: Site, after: Site) -> Sequence[NumberReplaced]:
    """Lists the numbers set for the quality label that a new version of the rules changes.

    Those of the frameworks (quality.yaml) that both versions have, the days of commitments that are
    only likely (commitments.yaml), and how long a check of a page counts (website.yaml). A number
    that is new, or gone, is no change.
    """
    old, new = _numbers(before), _numbers(after)
    return [
        NumberReplaced(name, _short(old[name]), _short(new[name]))
        for name in old
        if name in new and old[name] != new[name]
    ]


def _numbers(site: Site) -> Mapping[str, Any]:
    found = dict[str, Any]()
    for commitment in site.commitments.commitments:
        if commitment.source.certainty is Certainty.LIKELY:
            found[f"commitments.{commitment.id}"] = f"{commitment.days} {commitment.unit.value}"
    for framework in site.quality.frameworks:
        for row in framework.engagements:
            at = f"{framework.name}.{row.id}"
            found |= {f"{at}.target": row.target, f"{at}.every": row.every}
            for piece in row.evidence:
                found[f"{at}.{piece.kind.value}.{piece.code}.every"] = piece.every
        for step in framework.calendar:
            at = f"{framework.name}.{step.id}"
            months = {"at": list(step.at), "every": step.every, "documents": step.documents}
            found |= {f"{at}.{name}": value for name, value in months.items()}
    for page in site.website.pages:
        found[f"website.{page.id}.every"] = page.every
    return found


def _changes(where: str, old: Any, new: Any) -> Iterator[str]:
    if old == new:
        return
    match _rows(old), _rows(new):
        case Mapping() as before, Mapping() as after:
            yield from _of_keys(where, before, after)
        case _:
            yield f"{where}: {_short(old)} → {_short(new)}"


def _of_keys(where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in old:
        at = f"{where}.{key}".removeprefix(".")
        if key not in new:
            yield f"{at}: removed"
        else:
            yield from _changes(at, old[key], new[key])
    for key in new:
        if key not in old:
            yield f"{where}.{key}: added, {_short(new[key])}".removeprefix(".")
    kept = [key for key in old if key in new]
    if where and kept != [key for key in new if key in old]:
        yield f"{where}: in another order"


def _rows(value: Any) -> Mapping[str, Any] | None:
    """A table by key, or a list of rows by their names; `None` for what has no names."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        for name in _NAMES:
            named = {str(row[name]): row for row in value if name in row}
            if len(named) == len(value):
                return named
    return None


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 100 else f"{text[:100]}…"  # noqa: PLR2004  (a line of a terminal)


def _templates(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name, "").splitlines(), new.get(name, "").splitlines()
        if before != after:
            yield f"templates.{name}:"
            lines = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
            yield from (f"    {line}" for line in lines if not line.startswith("@@"))
