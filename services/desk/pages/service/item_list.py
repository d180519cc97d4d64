"""`/courriers`: the items that somebody works from, by limit, and what is decided of several."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from services.desk.domain.item import DONE, ItemStatus
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.help_chapters import first_step
from services.desk.pages.item.action import TELLING, offices_of
from services.desk.pages.service import list_views
from services.desk.pages.service.list_filters import ALL, HOME, ME, ListParams, parse_list
from services.desk.pages.service.notes import unread_notes
from services.desk.pages.service.opinions import owed_opinions
from services.desk.pages.service.signatures import waiting_letters
from services.desk.pages.visit import Visit
from services.desk.sheets import KINDS
from services.desk.store import held_notices, work
from services.desk.store.search_types import SearchReader
from services.desk.store.work import WorklistTab, WorkRow
from services.desk.store.worklist_order import WorklistColumn
from shared.facts.vocabulary import Channel, Nature, Priority

A_PAGE: Final = 50
HEAPS: Final[Mapping[WorklistTab, str]] = {
    WorklistTab.ALL: "Tous",
    WorklistTab.LATE: "En retard",
    WorklistTab.RISK: "À risque",
    WorklistTab.SEEN: "À confirmer",
    WorklistTab.WAITING: "En attente",
    WorklistTab.SIGNATURE: "À la signature",
    WorklistTab.RETURNED: "Plis revenus",
    WorklistTab.FREE: "À prendre",
}
MINE: Final = "Les miens"
"""What `HEAPS` calls « Tous », of one's own list."""


COLUMNS: Final[Sequence[tuple[str, WorklistColumn | None]]] = (
    ("Numéro", WorklistColumn.NUMBER),
    ("Échéance", WorklistColumn.DUE),
    ("Objet", None),
    ("Reçu", WorklistColumn.RECEIVED),
    ("État", None),
    ("Chez", None),
)
"""The columns of the list, and by which of them it is sorted: those that an index serves."""
ORDERS: Final[Mapping[str, str]] = {
    "echeance": "le plus pressé d’abord",
    "-echeance": "le moins pressé d’abord",
    "recu": "le plus anciennement reçu d’abord",
    "-recu": "le dernier reçu d’abord",
    "numero": "le premier enregistré d’abord",
    "-numero": "le dernier enregistré d’abord",
}
EXPORT: Final = f"{HOME}/export"


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item in the work list of the page, in French words."""

    chrono: str
    subject: str
    sender: str
    note: str
    category: str
    urgent: str
    received: str
    channel: str
    state: str
    who: str
    due: str
    left: str
    mark: str
    """`late`, `risk` or empty; the words say it too."""


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """The outcome of a decision about several items: a sentence, and each item refused."""

    said: str
    refused: Sequence[tuple[str, str]]


async def listing(visit: Visit) -> Response:
    """Shows the work list: the page of items by deadline, with tabs and filters."""
    ticked = () if visit.refusal is None else visit.refusal.typed.get("chrono", ())
    return await visit.html("service/list.html", **await list_context(visit, ticked=ticked))


async def list_context(
    visit: Visit,
    query: Mapping[str, str] | None = None,
    ticked: Collection[str] = (),
    outcome: BatchOutcome | None = None,
) -> dict[str, Any]:
    """Returns the values for the template of the work list.

    `query`: parameters instead of those in the request's address.
    """
    site, roles = visit.applied.site, visit.roles
    typed = visit.request.query_params if query is None else query
    what = parse_list(typed, site, visit.directory, roles)
    reader = SearchReader(roles.seen, roles.reads_all)
    counts = await work.heaps(visit.connection, reader, what.which, visit.today)
    found = await work.rows(
        visit.connection, reader, what.which, visit.today,
        heap=what.heap, order=what.order, after=what.after, limit=A_PAGE + 1,
    )  # fmt: skip
    names, page = Names(site, visit.directory), found[:A_PAGE]
    return {
        "asked": what,
        "title": _title(what, names),
        "tabs": [
            (
                MINE if heap is WorklistTab.ALL and what.mine else label,
                what.of_heap(heap),
                counts[heap],
                heap is what.heap,
            )
            for heap, label in HEAPS.items()
            if counts[heap] or heap in {WorklistTab.ALL, what.heap}
        ],
        "lines": [_line(row, visit, names) for row in page],
        "following": what.next_address(what.order.place(page[-1].line))
        if len(found) > A_PAGE
        else "",
        "first": what.after is None,
        "order": ORDERS[str(what.order)],
        "columns": [(label, *_sorting(what, column)) for label, column in COLUMNS],
        "views": [view for view in await list_views.links(visit) if not view.stale],
        "here_now": what.address(),
        "longest": list_views.LONGEST,
        "exports": [(kind, what.address(f"{EXPORT}/{kind[1:]}")) for kind in KINDS],
        "choices": _choices(visit, what, names),
        "colleagues": _colleagues(visit, what, names),
        "services": [(row.id, row.name) for row in site.services.services],
        "reasons": [
            (code, site.labels.reason(code))
            for code in site.labels.offered.get("close") or sorted(site.labels.reasons)
        ],
        "theirs": [
            (row.id, row.short) for row in site.services.services if row.id in roles.services
        ],
        "offices": offices_of(site.labels),
        "telling": TELLING,
        "leads": [(row.id, row.short) for row in site.services.services if row.id in roles.leads],
        "held": (await held_notices.count(visit.connection, roles.seen))[0],
        "notes": await unread_notes(visit),
        "opinions": await owed_opinions(visit),
        "signatures": await waiting_letters(visit),
        "unguided": await first_step(visit),
        "ticked": ticked,
        "outcome": outcome,
        "decides": bool(roles.services) or roles.secretary,
    }


def _sorting(what: ListParams, column: WorklistColumn | None) -> tuple[str, str]:
    """Where the head of a column leads, and how the list is sorted by it: `aria-sort`, or empty."""
    if column is None:
        return "", ""
    sorts = what.order.column is column
    way = "descending" if what.order.backwards else "ascending"
    return what.sorted_by(column), way if sorts else ""


def _title(what: ListParams, names: Names) -> str:
    who, service = what.typed["qui"], what.typed["service"]
    where = f" – {names.service(service)}" if service else ""
    if who == ME:
        return f"Mes courriers{where}"
    if who in {ALL, ""}:
        return f"Les courriers{where}"
    return f"{names.person(who)}{where}"


def _line(row: WorkRow, visit: Visit, names: Names) -> ItemLine:
    one, day = row.line, visit.today
    holder = one.signatory or one.agent
    left = "" if one.due is None else labels_fr.days_left(day, one.due, visit.applied.days)
    mark = "late" if one.late(day) else "risk" if one.at_risk else ""
    category = names.category(one.category)
    unknown = one.nature is Nature.UNKNOWN
    return ItemLine(
        chrono=one.chrono,
        subject=row.subject,
        sender=row.sender,
        note="Courrier réservé : seule sa page le montre." if row.sealed else "",
        category=category if unknown else labels_fr.kind_of_item(category, one.nature),
        urgent="" if one.priority is Priority.NORMALE else labels_fr.PRIORITIES[one.priority],
        received=labels_fr.short_day(one.received_on),
        channel=labels_fr.CHANNELS[one.channel],
        state=labels_fr.STATES[one.state],
        who=names.person(holder) if holder else f"à prendre, {_short(visit, one.service)}",
        due="" if one.due is None else labels_fr.short_day(one.due),
        left=f"à risque, {left}" if mark == "risk" else left,
        mark=mark,
    )


def _short(visit: Visit, service: str) -> str:
    row = visit.applied.site.service_now(service)
    return service if row is None else row.short


def _choices(
    visit: Visit, what: ListParams, names: Names
) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What the filters offer."""
    site = visit.applied.site
    return {
        "service": [(row.id, row.name) for row in site.services.services],
        "qui": [(ME, "moi"), (ALL, "tout le monde"), *_colleagues(visit, what, names)],
        "etat": [
            (state.value, labels_fr.STATES[state])
            for state in reversed(ItemStatus)
            if state not in DONE
        ],
        "categorie": [(row.id, row.label) for row in site.routing.categories],
        "canal": [(channel.value, labels_fr.CHANNELS[channel]) for channel in Channel],
        "tri": list(ORDERS.items()),
    }


def _colleagues(visit: Visit, what: ListParams, names: Names) -> Sequence[tuple[str, str]]:
    """Who works in the service that is shown, else in those of the person."""
    services = {what.typed["service"]} if what.typed["service"] else visit.roles.services
    there = {person.id for service in services for person in visit.directory.of(service)}
    asked_for = {what.typed["qui"]} - {ME, ALL, ""}
    return sorted(
        ((person_id, names.person(person_id)) for person_id in there | asked_for),
        key=lambda pair: pair[1],
    )
