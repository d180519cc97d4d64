"""What each line of another register says, or the one sentence why it can't be taken. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid5

from services.desk.domain import query
from services.desk.migration.spreadsheet.cells import day_of, ours_of, text_of
from services.desk.migration.spreadsheet.column_map import ImportField, Mapped, plain
from services.desk.migration.spreadsheet.grid import Grid, GridCell
from shared.errors import Refused
from shared.facts import ids
from shared.facts.envelope import Chrono, ItemId, On, PersonId, ServiceId
from shared.facts.vocabulary import Category, Channel
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite

OLDEST_YEARS: Final = 30

CHANNELS: Final[Mapping[str, Channel]] = {
    **dict.fromkeys(("", "courrier", "lettre", "postal", "papier"), Channel.LETTER),
    **dict.fromkeys(("lrar", "recommande", "lr", "ar", "lr ar"), Channel.REGISTERED_LETTER),
    **dict.fromkeys(("courriel", "mail", "email", "e mail", "mel", "messagerie"), Channel.EMAIL),
    **dict.fromkeys(("formulaire", "internet", "site", "en ligne"), Channel.FORM),
    **dict.fromkeys(("guichet", "main propre", "depot", "accueil"), Channel.HAND_DELIVERED),
    **{plain(channel.value): channel for channel in Channel},
}
CLOSED: Final = frozenset(
    {
        *("clos", "close", "cloture", "cloturee", "classe", "classee", "traite", "traitee"),
        *("termine", "terminee", "repondu", "repondue", "solde", "soldee", "archive", "archivee"),
        *("fait", "oui"),
    }
)


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A valid line of an import file: it becomes an open item, or a past line if it is closed.

    A past line is found by the search, but is no item and has no deadline.
    """

    number: int
    """Of the line, as the spreadsheet shows it."""
    item_id: ItemId
    """The item's, or the past line's; the same whenever the line is read."""
    named: str
    """Its number in the other register; empty when it had none."""
    chrono: Chrono | None
    """That number where it is one of ours: it is kept."""
    received: date
    channel: Channel
    sender: str
    address: str
    postal: str
    subject: str
    note: str
    service: ServiceId
    agent: PersonId | None
    category: Category
    closed: bool
    answered: date | None


@dataclass(frozen=True, slots=True)
class LineRefusal:
    """A line of an import file that can't be imported, and why."""

    number: int
    why: Refused


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """The result of checking an import file: the lines that can be imported, and those refused."""

    lines: Sequence[ImportLine]
    refusals: Sequence[LineRefusal]


@dataclass(frozen=True, slots=True)
class ImportContext:
    """The site, people and numbers with which import lines are checked."""

    applied: AppliedSite
    directory: Directory
    today: date
    next_number: int
    """The first number of this year's arrivals that the register will give itself."""


def judge(grid: Grid, mapped: Mapped, known: ImportContext) -> JudgedLine:
    """Checks every line of an import file; returns those that can be imported, and those refused.

    Raises Refused when no column says the day of receipt.
    """
    places = mapped.of(grid)
    lines, refusals, seen = list[ImportLine](), list[LineRefusal](), dict[UUID, int]()
    for number, row in grid.rows:
        cells = {what: row[at] if at < len(row) else None for what, at in places.items()}
        try:
            line = _line(number, cells, row, mapped, known)
        except Refused as why:
            refusals.append(LineRefusal(number, why))
            continue
        if line.item_id not in seen:
            seen[line.item_id] = number
            lines.append(line)
            continue
        first = seen[line.item_id]
        said = f"It has the number of line {first}, or says the same."
        refusals.append(LineRefusal(number, Refused(said, "import-line-double", line=first)))
    return JudgedLine(lines, refusals)


def _line(
    number: int,
    cells: Mapping[ImportField, GridCell],
    row: Sequence[GridCell],
    mapped: Mapped,
    known: ImportContext,
) -> ImportLine:
    site = known.applied.site
    received = day_of(cells.get(ImportField.RECEIVED))
    if received is None:
        raise Refused("It has no day of receipt.", "import-line-no-day")
    if received > known.today or received.year < known.today.year - OLDEST_YEARS:
        raise Refused(f"{received} is no day of receipt.", "import-line-day", day=received)
    answered = day_of(cells.get(ImportField.ANSWERED))
    closed = answered is not None or plain(text_of(cells, ImportField.STATE)) in CLOSED
    if answered is not None and answered < received:
        raise Refused("It was answered before it was received.", "import-line-answered")
    if not closed and not known.applied.history(On(day=received)):
        raise Refused(
            "It was received since go-live: register it, its clocks run.", "import-line-since"
        )
    named = text_of(cells, ImportField.NUMBER)
    service, category = _whose(cells, mapped, known)
    chrono = _chrono(named, received, known)
    return ImportLine(
        number=number,
        item_id=_id(site.identity.id, named, received, row),
        named=named,
        chrono=None if closed else chrono,
        received=received,
        channel=_channel(cells, mapped),
        sender=text_of(cells, ImportField.SENDER),
        address=text_of(cells, ImportField.ADDRESS),
        postal=text_of(cells, ImportField.POSTAL),
        subject=text_of(cells, ImportField.SUBJECT),
        note=text_of(cells, ImportField.NOTE),
        service=service,
        agent=None if closed else _agent(cells, mapped, known, service),
        category=category,
        closed=closed,
        answered=answered,
    )


def _id(site: str, named: str, received: date, row: Sequence[GridCell]) -> ItemId:
    """By its number and year, else by all that it says."""
    what = (
        f"{plain(named)}\n{received.year}"
        if named
        else sha256(repr(list(row)).encode()).hexdigest()
    )
    return ids.item_id(site, uuid5(ids.site_namespace(site), f"import\n{what}"))


def _chrono(named: str, received: date, known: ImportContext) -> Chrono | None:
    """The number, where it is written as ours are. Raises Refused when it is still to be given."""
    department = known.applied.site.identity.department
    meant = query.numbers(named, department, received.year).chronos
    if not meant or f"{department}-" not in meant[0] or "-D-" in meant[0]:
        return None
    year, given = int(meant[0].split("-")[1]), int(meant[0].rpartition("-")[2])
    if year > known.today.year or (year == known.today.year and given >= known.next_number):
        raise Refused(
            f"Number {named} is still to be given: say the next one of the register.",
            "import-line-number",
            number=named,
        )
    return meant[0]


def _whose(
    cells: Mapping[ImportField, GridCell], mapped: Mapped, known: ImportContext
) -> tuple[ServiceId, Category]:
    site = known.applied.site
    category = ours_of(
        cells,
        ImportField.CATEGORY,
        mapped,
        {row.id: (row.id, row.label) for row in site.category.values()},
    )
    service = ours_of(
        cells,
        ImportField.SERVICE,
        mapped,
        {row.id: (row.id, row.short, row.name) for row in site.services.services},
    )
    if service is None and category is None:
        raise Refused("It says neither service nor category.", "import-line-whose")
    row = site.category[Category(category or site.routing.fallback)]
    return ServiceId(service or row.service), Category(row.id)


def _agent(
    cells: Mapping[ImportField, GridCell], mapped: Mapped, known: ImportContext, service: ServiceId
) -> PersonId | None:
    people = known.directory.people
    found = ours_of(
        cells,
        ImportField.AGENT,
        mapped,
        {
            id_: (id_, p.email, f"{p.first_name} {p.name}", f"{p.name} {p.first_name}", p.name)
            for id_, p in people.items()
        },
    )
    if found is None:
        return None
    head = known.applied.site.service[service].head
    if service not in people[PersonId(found)].services and found != head:
        raise Refused(
            f"{found} does not work in {service}.",
            "import-line-member",
            person=found,
            service=service,
        )
    return PersonId(found)


def _channel(cells: Mapping[ImportField, GridCell], mapped: Mapped) -> Channel:
    said = plain(text_of(cells, ImportField.CHANNEL))
    meant = plain(mapped.values.get(ImportField.CHANNEL, {}).get(said, said))
    found = CHANNELS.get(meant)
    if found is None:
        raise Refused(
            f"{text_of(cells, ImportField.CHANNEL)!r} is no way by which mail comes.",
            "import-line-channel",
            said=text_of(cells, ImportField.CHANNEL)[:60],
        )
    return found
