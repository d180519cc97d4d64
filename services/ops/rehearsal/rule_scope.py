"""Which clocks and notices can differ at all between two versions of the rules: pure.

A clock depends on its own lines and ladders, on the working days, and on who is who; what two
versions have alike is replayed once. A test holds this to the whole replay, item by item.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from services.desk.domain.rehearsals import PromisedDays
from services.sla.domain.plan import EVERY
from shared.calendar.working_days import WorkingCalendar
from shared.facts.vocabulary import ClockName
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.commitments import Ladder


@dataclass(frozen=True, slots=True)
class MovedRules:
    """The clocks that two versions of the rules may count otherwise, and whether notices differ."""

    clocks: frozenset[ClockName]
    notices: bool

    @property
    def nothing(self) -> bool:
        """Whether no outcome of any item can differ between the two versions of the rules."""
        return not self.clocks and not self.notices


EVERYTHING: Final = MovedRules(EVERY, notices=True)


def moved_rules(before: AppliedSite, after: AppliedSite) -> MovedRules:
    """Returns the clocks and notices that two versions of the rules may count otherwise.

    For facts that both versions state alike.
    """
    if _ground(before) != _ground(after):
        return EVERYTHING
    old, new = before.site, after.site
    clocks = {clock for clock in ClockName if _promised(clock, old) != _promised(clock, new)}
    regimes = old.regimes != new.regimes
    if regimes:
        clocks.add(ClockName.IMPLIED_DECISION)
    if ClockName.REPLY in clocks:
        clocks.add(ClockName.HOLDING)
    notices = (old.notices, old.templates) != (new.notices, new.templates)
    return MovedRules(frozenset(clocks), notices=regimes or notices)


def until_the_eve(before: AppliedSite, after: AppliedSite) -> AppliedSite | None:
    """Returns the rules of `before`, counted until the eve of the first day worked otherwise.

    Where two versions differ in days worked alone, they are one version until that eve. Under a
    calendar that ends on it, a replay that asks for a later day fails; one that does not fail never
    asked, and is the same under both. `None`: more than days differ, or none does.
    """
    days = before.days
    moved = {off.day for off in days.off} ^ {off.day for off in after.days.off}
    alike = moved_rules(before.model_copy(update={"days": after.days}), after).nothing
    if not moved or not alike or (days.first, days.last) != (after.days.first, after.days.last):
        return None
    eve = min(moved) - timedelta(days=1)
    if eve <= days.first:
        return None
    short = WorkingCalendar(
        territory=days.territory,
        first=days.first,
        last=eve,
        off=tuple(off for off in days.off if off.day <= eve),
        library=days.library,
    )
    return before.model_copy(update={"days": short})


def _ground(applied: AppliedSite) -> object:
    """What every clock and every notice stands on."""
    site = applied.site
    days = applied.days.model_copy(update={"library": ""})
    replaced = [(row.id, row.replaces) for row in site.routing.categories]
    return applied.go_live, days, site.identity, site.services, site.sources, replaced


def _promised(clock: ClockName, site: Site) -> object:
    """The lines of one clock, in their order, each with its ladder; their sources move nothing."""
    steps = {ladder.id: ladder.steps for ladder in site.commitments.ladders}
    return [
        (line.model_copy(update={"source": None}), steps[line.ladder])
        for line in site.commitments.commitments
        if line.clock is clock
    ]


def promised_days(before: Site, after: Site) -> Sequence[PromisedDays]:
    """Returns the lines of commitments.yaml with another number or unit of days."""
    old = {line.id: line for line in before.commitments.commitments}
    return [
        PromisedDays(
            clock=line.clock, line=line.id, before=old[line.id].days, after=line.days,
            unit=line.unit,
        )
        for line in after.commitments.commitments
        if line.id in old
        and (line.days, line.unit) != (old[line.id].days, old[line.id].unit)
    ]  # fmt: skip


class NamedRow(Protocol):
    """Interface of a row of a table of the site: it has a name."""

    @property
    def id(self) -> str:
        """The name of the row, unique in its table of the site."""
        ...


def rows_changed(table: str, old: Sequence[NamedRow], new: Sequence[NamedRow]) -> tuple[str, ...]:
    """Returns the names of a site table's rows that differ between two versions."""
    rows, others = ({row.id: row for row in each} for each in (old, new))
    names = sorted({*rows, *others})
    return tuple(f"{table}.{name}" for name in names if rows.get(name) != others.get(name))


def steps_changed(ladder: Ladder, other: Ladder) -> str:
    """Returns the steps of a reminder ladder that differ, with who was and would be told."""
    old, new = ({step.at: step for step in each.steps} for each in (ladder, other))
    differ = [at for at in sorted({*old, *new}) if old.get(at) != new.get(at)]
    said = []
    for at in differ:
        was, would = (",".join(steps[at].tell) if at in steps else "-" for steps in (old, new))
        said.append(f"{at:+d} {was} → {would}")
    return "; ".join(said)
