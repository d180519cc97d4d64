"""What a digest and a weekly page say: pure, from the rungs that stand; no personal data.

Above the head: service, count, oldest, reasons — no agent's name, no ranking, no blame.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.notify.domain.labels_fr import DUE, LATE, asks, note
from shared.calendar.working_days import BeyondCalendar, WorkingCalendar
from shared.facts.clocks import Held, RungReached
from shared.facts.envelope import Chrono, ItemId
from shared.facts.vocabulary import ClockName
from shared.site.tables.bundle import Site
from shared.site.texts.pages import Delayed, DigestLine, Section
from shared.site.texts.templates import nombre

SHOWN = 25
"""Lines of one section; the desk shows the rest."""
NEEDING = 3
"""Items on the weekly page (DOMAIN §2)."""
OF_THE_MAIL_OFFICE = frozenset(
    {ClockName.REGISTRATION, ClockName.RECEIPT, ClockName.SERVICES_PUBLICS}
)
"""Its own clocks: it hears of them, and nobody else can act on them."""


@dataclass(frozen=True, slots=True)
class RungContext:
    """The site, calendar and local day with which digest lines about reminders are written."""

    site: Site
    days: WorkingCalendar
    today: date
    received: Mapping[ItemId, date]
    """Local day of receipt of the items that notify heard of."""


def line(rung: RungReached, known: RungContext) -> DigestLine:
    """Makes the digest line of one reminder: chrono, label, receipt, limit, days left, link."""
    category = known.site.category_now(rung.category) if rung.category else None
    chrono = rung.chrono or Chrono("sans chrono")
    unnamed = "à qualifier" if rung.chrono else "en quarantaine"
    return DigestLine(
        chrono=chrono,
        label=category.label if category else unnamed,
        received=known.received.get(rung.item_id, rung.fell),
        limit=rung.limit,
        left=known.days.between(known.today, rung.limit),
        url=item_url(known.site, rung.chrono),
        what=DUE[rung.clock],
        had=_had(rung.held, known.site),
        note=note(rung, known.site),
    )


def item_url(site: Site, chrono: Chrono | None) -> str:
    """Returns the URL of an item's page at the desk; without a chrono, of the quarantine list."""
    desk = site.identity.desk_url.rstrip("/")
    return f"{desk}/courrier/{chrono}" if chrono else f"{desk}/bureau/attente/quarantaine"


def _had(held: Iterable[Held], site: Site) -> str:
    """Who has had it for how many jours ouvrés, by service."""
    days: dict[str, int] = {}
    for previous in held:
        service = site.service_now(previous.holder.service)
        name = "signature" if previous.holder.signing else service.short if service else "?"
        days[name] = days.get(name, 0) + previous.days
    return ", ".join(f"{name} {count}" for name, count in days.items() if count)


def sections(rungs: Sequence[RungReached], known: RungContext) -> tuple[Section, ...]:
    """Makes a holder's digest sections: late, to handle, to confirm; each item's clock once."""
    last = {(rung.item_id, rung.clock): rung for rung in sorted(rungs, key=lambda one: one.fell)}
    titled: dict[str, list[DigestLine]] = {"En retard": [], "À traiter": [], "À confirmer": []}
    for rung_reached in last.values():
        shown = line(rung_reached, known)
        late = "En retard" if rung_reached.limit < known.today else "À traiter"
        titled["À confirmer" if asks(rung_reached) else late].append(shown)
    return tuple(section(title, lines) for title, lines in titled.items() if lines)


def section(title: str, lines: Iterable[DigestLine]) -> Section:
    """Makes a digest section with its most urgent lines first, at most 25; the rest is counted."""
    ordered = sorted(lines, key=lambda one: (one.limit, one.chrono))
    return Section(title, tuple(ordered[:SHOWN]), max(0, len(ordered) - SHOWN))


@dataclass(frozen=True, slots=True)
class QualityTask:
    """A task of the quality system, as a digest names it: a measure, a website page."""

    named: str
    """« mesure n° 3 », where a line about an item has its chrono."""
    label: str
    """The service that has it."""
    opened: date
    due: date
    path: str
    """Of its page at the desk."""
    what: str
    dated: str


def tasks(title: str, found: Iterable[QualityTask], known: RungContext) -> tuple[Section, ...]:
    """Makes a digest's section of tasks of the quality system; empty without tasks."""
    desk = known.site.identity.desk_url.rstrip("/")
    lines = [
        DigestLine(
            chrono=Chrono(task.named),
            label=task.label,
            received=task.opened,
            limit=task.due,
            left=_left(task.due, known),
            url=f"{desk}{task.path}",
            what=task.what,
            dated=task.dated,
        )
        for task in found
    ]
    return (section(title, lines),) if lines else ()


def _left(due: date, known: RungContext) -> int | None:
    """Jours ouvrés left; `None` for a day that a person set beyond the calendar's end."""
    try:
        return known.days.between(known.today, due)
    except BeyondCalendar:
        return None


def delays(rungs: Sequence[RungReached], known: RungContext) -> tuple[Delayed, ...]:
    """Sums up late items by service: count by clock, the oldest, reasons and dates given."""
    by_service: dict[str, list[RungReached]] = defaultdict(list)
    for rung in rungs:
        if rung.limit < known.today:
            by_service[rung.service].append(rung)
    return tuple(_delayed(service, late, known) for service, late in sorted(by_service.items()))


def _delayed(service: str, rungs: Sequence[RungReached], known: RungContext) -> Delayed:
    named = known.site.service_now(service)
    first = list(LATE)  # of what is said first: a late reply before an older accusé
    oldest = min(rungs, key=lambda one: (first.index(one.clock), one.limit, one.chrono or ""))
    reasons = {note(rung, known.site) for rung in rungs if rung.answered is not None}
    return Delayed(
        service=named.name if named else service,
        count=len({rung.item_id for rung in rungs}),
        late=_late(rungs),
        oldest=line(oldest, known),
        reasons=tuple(sorted(reasons)),
        url=f"{known.site.identity.desk_url.rstrip('/')}/service/{service}",
    )


def _late(rungs: Iterable[RungReached]) -> tuple[str, ...]:
    """« 2 réponses en retard », « 1 accusé en retard »: an item counts once under each."""
    items: dict[tuple[str, str], set[ItemId]] = {words: set() for words in LATE.values()}
    for rung in rungs:
        items[LATE[rung.clock]].add(rung.item_id)
    return tuple(nombre(len(found), *words) for words, found in items.items() if found)


def at_risk(standing: Iterable[RungReached], services: Iterable[str], known: RungContext) -> int:
    """Counts the items of these services with a reminder published and a limit not yet past."""
    mine = set(services)
    return len(
        {
            rung_reached.item_id
            for rung_reached in standing
            if rung_reached.service in mine and rung_reached.limit >= known.today
        }
    )


def count_untaken(standing: Iterable[RungReached], services: Iterable[str]) -> int:
    """Counts the items of these services with a standing reminder that no agent has taken."""
    mine = set(services)
    return len(
        {
            rung_reached.item_id
            for rung_reached in standing
            if rung_reached.service in mine and rung_reached.holder.person is None
        }
    )


def latest_items(standing: Iterable[RungReached], known: RungContext) -> tuple[DigestLine, ...]:
    """Returns the items that are late for longest, at most three, for the weekly page.

    Clocks of the mail office (quarantine, receipts) are left out: its readers can't act on them.
    """
    late = [
        rung_reached
        for rung_reached in standing
        if rung_reached.limit < known.today and rung_reached.clock not in OF_THE_MAIL_OFFICE
    ]
    once = {
        rung_reached.item_id: rung_reached
        for rung_reached in sorted(late, key=lambda one: one.limit, reverse=True)
    }
    worst = sorted(once.values(), key=lambda one: (one.limit, one.chrono or ""))
    return tuple(line(rung_reached, known) for rung_reached in worst[:NEEDING])
