"""`/courriers`: the items that somebody works from, by limit, and what is decided of several."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from services.desk.domain.item import DONE, State
from services.desk.pages import words
from services.desk.pages.item.action import TELLING, offices_of
from services.desk.pages.names import Names
from services.desk.pages.service.asking import ALL, ME, Asked, asked
from services.desk.pages.visit import Visit
from services.desk.store import held, work
from services.desk.store.found import Reader
from services.desk.store.work import Heap, Row
from shared.facts.vocabulary import Channel, Nature, Priority

A_PAGE: Final = 50
HEAPS: Final[Mapping[Heap, str]] = {
    Heap.ALL: "Tous",
    Heap.LATE: "En retard",
    Heap.RISK: "À risque",
    Heap.SEEN: "À confirmer",
    Heap.WAITING: "En attente",
    Heap.SIGNATURE: "À la signature",
    Heap.RETURNED: "Plis revenus",
    Heap.FREE: "À prendre",
}
MINE: Final = "Les miens"
"""What `HEAPS` calls « Tous », of one's own list."""


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the list, in words."""

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
class Outcome:
    """What was done of several items: a sentence, and each refusal."""

    said: str
    refused: Sequence[tuple[str, str]]


async def listing(visit: Visit) -> Response:
    """The list that the address asks for."""
    ticked = () if visit.refusal is None else visit.refusal.typed.get("chrono", ())
    return await visit.html("service/list.html", **await shown(visit, ticked=ticked))


async def shown(
    visit: Visit,
    query: Mapping[str, str] | None = None,
    ticked: Collection[str] = (),
    outcome: Outcome | None = None,
) -> dict[str, Any]:
    """What the template shows; `query`: of another address than the request's."""
    site, roles = visit.applied.site, visit.roles
    typed = visit.request.query_params if query is None else query
    what = asked(typed, site, visit.directory, roles)
    reader = Reader(roles.seen, roles.reads_all)
    counts = await work.heaps(visit.connection, reader, what.which, visit.today)
    found = await work.rows(
        visit.connection, reader, what.which, visit.today,
        heap=what.heap, after=what.after, limit=A_PAGE + 1,
    )  # fmt: skip
    names, page = Names(site, visit.directory), found[:A_PAGE]
    return {
        "asked": what,
        "title": _title(what, names),
        "tabs": [
            (
                MINE if heap is Heap.ALL and what.mine else label,
                what.of_heap(heap),
                counts[heap],
                heap is what.heap,
            )
            for heap, label in HEAPS.items()
            if counts[heap] or heap in {Heap.ALL, what.heap}
        ],
        "lines": [_line(row, visit, names) for row in page],
        "following": what.following(page[-1].place) if len(found) > A_PAGE else "",
        "first": what.after == work.START,
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
        "held": (await held.count(visit.connection, roles.seen))[0],
        "ticked": ticked,
        "outcome": outcome,
        "decides": bool(roles.services) or roles.secretary,
    }


def _title(what: Asked, names: Names) -> str:
    who, service = what.typed["qui"], what.typed["service"]
    where = f" – {names.service(service)}" if service else ""
    if who == ME:
        return f"Mes courriers{where}"
    if who in {ALL, ""}:
        return f"Les courriers{where}"
    return f"{names.person(who)}{where}"


def _line(row: Row, visit: Visit, names: Names) -> Line:
    one, day = row.line, visit.today
    holder = one.signatory or one.agent
    left = "" if one.due is None else words.left(day, one.due, visit.applied.days)
    mark = "late" if one.late(day) else "risk" if one.at_risk else ""
    nature = "" if one.nature is Nature.UNKNOWN else f", {words.NATURES[one.nature]}"
    return Line(
        chrono=one.chrono,
        subject=row.subject,
        sender=row.sender,
        note="Courrier réservé : seule sa page le montre." if row.sealed else "",
        category=f"{names.category(one.category)}{nature}",
        urgent="" if one.priority is Priority.NORMALE else words.PRIORITIES[one.priority],
        received=words.short_day(one.received_on),
        channel=words.CHANNELS[one.channel],
        state=words.STATES[one.state],
        who=names.person(holder) if holder else f"à prendre, {_short(visit, one.service)}",
        due="" if one.due is None else words.short_day(one.due),
        left=f"à risque, {left}" if mark == "risk" else left,
        mark=mark,
    )


def _short(visit: Visit, service: str) -> str:
    row = visit.applied.site.service_now(service)
    return service if row is None else row.short


def _choices(visit: Visit, what: Asked, names: Names) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What the filters offer."""
    site = visit.applied.site
    return {
        "service": [(row.id, row.name) for row in site.services.services],
        "qui": [(ME, "moi"), (ALL, "tout le monde"), *_colleagues(visit, what, names)],
        "etat": [(one.value, words.STATES[one]) for one in reversed(State) if one not in DONE],
        "categorie": [(row.id, row.label) for row in site.routing.categories],
        "canal": [(one.value, words.CHANNELS[one]) for one in Channel],
    }


def _colleagues(visit: Visit, what: Asked, names: Names) -> Sequence[tuple[str, str]]:
    """Who works in the service that is shown, else in those of the person."""
    services = {what.typed["service"]} if what.typed["service"] else visit.roles.services
    there = {one.id for service in services for one in visit.directory.of(service)}
    asked_for = {what.typed["qui"]} - {ME, ALL, ""}
    return sorted(((one, names.person(one)) for one in there | asked_for), key=lambda pair: pair[1])
