"""What the command line prints for a person: a list, an item, its past."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.desk.domain.clocks import ItemClock, answer_clock
from services.desk.domain.days import local_day
from services.desk.domain.item import Item
from services.desk.store.lists import WorkLine
from services.desk.store.sheets import ItemSheet
from shared.calendar.working_days import WorkingCalendar
from shared.facts.authors import person_of
from shared.facts.items import Items
from shared.facts.standing import withdrawn
from shared.facts.vocabulary import Nature
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite

_ENVELOPE = {
    "type",
    "version",
    "event_id",
    "item_id",
    "seq",
    "happened_at",
    "recorded_at",
    "by",
} | {
    "via",
    "shell",
}
_TOLD = frozenset(
    {
        *("absorbed_chrono", "agent", "category", "channel", "chrono", "day", "departure"),
        *("effect", "expected", "fact_type", "kind", "looks_like", "nature", "perimeter"),
        *(
            "parent_chrono",
            "proof",
            "reason",
            "regime",
            "service",
            "signatory",
            "survivor_chrono",
            "template",
        ),
        *("to", "until", "waiting", "way", "who"),
    }
)
"""Fields worth a line to a person: codes and days, no keys nor digests."""


def table(found: Sequence[WorkLine], today: date, days: WorkingCalendar) -> Iterator[str]:
    """Yields a list of items as a text table for the terminal, one line for each item."""
    if not found:
        yield "Nothing here."
        return
    row = "{:<18} {:<16} {:<10} {:>8}  {:<12} {:<12} {}"
    yield row.format("CHRONO", "STATE", "LIMIT", "LEFT", "SERVICE", "WHO", "WHAT")
    for line in found:
        left = "" if line.due is None else _left(line.due, today, days)
        who = line.signatory or line.agent or "—"
        mark = " (out of perimeter)" if not line.perimeter else ""
        yield row.format(
            line.chrono,
            line.state,
            "—" if line.due is None else line.due.isoformat(),
            left,
            line.service,
            who,
            f"{line.category}{mark}",
        )


def _left(due: date, today: date, days: WorkingCalendar) -> str:
    left = days.between(today, due)
    if due < today:
        return f"late {max(1, -left)}"
    return f"{left} j.o."


def sheet(one: ItemSheet, applied: AppliedSite, directory: Directory, today: date) -> Iterator[str]:
    """Yields an item as text for the terminal: state, holder, deadline, messages, notices, past."""
    item, zone = one.item, applied.site.zone
    yield from _head(item, applied, directory, zone)
    yield from _limits(one, applied, today)
    yield from _numbers(one)
    yield ""
    yield "Messages"
    for arrival in one.arrivals:
        moment = _local(arrival.received_at, zone)
        yield f"  {moment}  {arrival.word:<10} {arrival.source}"
    if not one.arrivals:
        yield "  keyed at the counter, no document yet"
    if one.notices:
        yield ""
        yield "Notices"
        for notice in one.notices:
            why = f" ({notice.why})" if notice.why else ""
            yield f"  {_local(notice.at, zone)}  {notice.kind} by {notice.way}: {notice.state}{why}"
    yield ""
    yield "Past"
    taken_back = withdrawn(one.facts)
    for fact in one.facts:
        yield _past(fact, zone, taken_back=fact.event_id in taken_back)


def _numbers(one: ItemSheet) -> Iterator[str]:
    """What other numbers it has to do with."""
    if one.linked is not None:
        yield f"  Linked     {one.linked.chrono} ({one.linked.why}): merge it, or leave it apart"
    if one.former:
        yield f"  Formerly   {', '.join(one.former)}"
    for number, had in one.namesakes.items():
        yield f"  Namesake   {had} had {number} before a restore"
    if one.item.absorbed:
        yield f"  Absorbed   {', '.join(one.item.absorbed)}"
    if one.departures:
        yield f"  Departures {', '.join(one.departures)}"


def _head(item: Item, applied: AppliedSite, directory: Directory, zone: ZoneInfo) -> Iterator[str]:
    what = item.classification
    row = applied.site.category.get(what.category)
    label = what.category if row is None else row.label
    yield f"{item.chrono}  {item.state.upper().replace('_', ' ')}"
    perimeter = "" if what.perimeter else f", out of perimeter ({what.reason})"
    nature = "its nature not said" if what.nature is Nature.UNKNOWN else what.nature
    yield f"  What       {label}, {nature}, by {item.channel.replace('_', ' ')}{perimeter}"
    doubt = " (first seen: to be confirmed)" if item.provisional else ""
    yield f"  Received   {local_day(item.receipt, zone)}{doubt}"
    if item.merged_chrono is not None:
        yield f"  Merged     into {item.merged_chrono}"
    yield f"  Who        {_who(item, applied, directory)}"
    if item.waits:
        yield f"  Waits      {', '.join(sorted(item.waits))}"


def _who(item: Item, applied: AppliedSite, directory: Directory) -> str:
    service = applied.site.service.get(item.service)
    name = item.service if service is None else service.short
    holder = item.signatory or item.agent or (None if service is None else service.head)
    person = None if holder is None else directory.person(holder)
    shown = holder or "nobody" if person is None else f"{person.first_name} {person.name}"
    role = " (in signature)" if item.signatory else "" if item.agent else " (head)"
    return f"{name}, {shown}{role}"


def _limits(one: ItemSheet, applied: AppliedSite, today: date) -> Iterator[str]:
    answer = answer_clock(one.clocks)
    for name, clock in one.clocks.items():
        mark = "Limit" if clock is answer else "Clock"
        yield f"  {mark:<10} {name}: {_clock(clock, today, applied.days)}"


def _clock(clock: ItemClock, today: date, days: WorkingCalendar) -> str:
    if clock.outcome is not None:
        count = "" if clock.raw is None else f", {clock.raw} j.o."
        return f"{clock.outcome}{count}"
    paused = f", paused since {clock.paused_since}" if clock.paused_since else ""
    return f"{clock.limit} ({_left(clock.limit, today, days)}){paused}"


def _past(fact: Items, zone: ZoneInfo, *, taken_back: bool) -> str:
    said = ", ".join(_said(fact))
    mark = "  [withdrawn]" if taken_back else ""
    moment = _local(fact.happened_at, zone)
    return f"  {fact.seq:>3}  {moment}  {fact.type}{mark}  {said}  — {fact.by}{_way(fact)}"


def _way(fact: Items) -> str:
    """« by shell (root: page-en-panne) », for what no signed-in page stated."""
    if fact.via is None or person_of(fact.by) is None:
        return ""
    shell = fact.shell
    typed = "" if shell is None else f" ({shell.account}{f': {shell.why}' if shell.why else ''})"
    return f" by {fact.via}{typed}"


def _said(fact: Items) -> Iterator[str]:
    content = fact.model_dump(mode="json", exclude=_ENVELOPE, exclude_none=True)
    content |= content.pop("classification", {})
    for name, value in content.items():
        if name in _TOLD and value not in ("", [], True):
            yield f"{name} {value}"


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
