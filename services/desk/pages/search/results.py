"""`/recherche` and `/recherche/export/KIND`: what was found, and the same list as a file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup, escape
from starlette.responses import RedirectResponse, Response

from services.desk.accounts.store import sessions
from services.desk.columns import Tongue
from services.desk.domain.item import DONE, ItemStatus
from services.desk.french import labels_fr
from services.desk.pages.numbers import label_of, scanned_of
from services.desk.pages.search.query_string import SearchParams, parse_search
from services.desk.pages.visit import Visit
from services.desk.rights import Right, may
from services.desk.search.store import search
from services.desk.search.store.in_notes import find_in_notes
from services.desk.sheets import KINDS
from services.desk.store.search_types import (
    LATE,
    MARKS,
    OPEN,
    NoteHit,
    SearchHit,
    SearchPage,
    SearchQuery,
    SearchReader,
    UnregisteredHit,
)
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import Channel, Priority
from shared.web.answers import SEE_OTHER

A_PAGE: Final = 25

_MARKED = re.compile(f"{MARKS[0]}([^{MARKS[0]}{MARKS[1]}]*){MARKS[1]}")


@dataclass(frozen=True, slots=True)
class ResultRow:
    """An item in the list of search results, in French words.

    Texts are safe HTML with `<mark>` around found words.
    """

    chrono: str
    sender: Markup
    subject: Markup
    extract: Markup
    note: str
    category: str
    received: str
    who: str
    due: str
    state: str
    kind: str
    """Of the state's chip."""
    urgent: str


async def results(visit: Visit) -> Response:
    """Shows a page of search results; a number that names one item opens it."""
    what = parse_search(visit.request.query_params, visit.applied.site)
    if (scanned := await scanned_of(visit, what.text)) is not None:
        return RedirectResponse(f"/courrier/{scanned}", SEE_OTHER)
    found = SearchPage((), None)
    if not what.empty:
        found = await search.find(
            visit.connection, question(visit, what),
            after=what.after, forgiving=what.forgiving, limit=A_PAGE,
        )  # fmt: skip
    for hit in found.hits:
        await note_reading(visit, hit)
    only = found.hits[0] if len(found.hits) == 1 and not what.filtered else None
    if only is not None and not found.asides and only.named:
        return RedirectResponse(f"/courrier/{only.line.chrono}", SEE_OTHER)
    noted: Sequence[NoteHit] = ()
    if what.text and what.after is None and not what.filtered:
        reader = SearchReader(visit.roles.seen, visit.roles.reads_all)
        noted = await find_in_notes(visit.connection, reader, what.text)
    tongue = Tongue.of(visit.applied, visit.directory, visit.now)
    return await visit.html(
        "search/results.html",
        sticker=None if found.hits else label_of(visit, what.text, "q"),
        sorts=may(visit.roles, Right.SORT),
        asked=what,
        rows=[_row(hit, tongue) for hit in found.hits],
        noted=[_noted(hit) for hit in noted],
        asides=[_aside(aside, visit) for aside in found.asides],
        forgiven=found.forgiven,
        following=what.next_address(found),
        first=what.after is None,
        exports=[(kind, what.address(f"/recherche/export/{kind[1:]}")) for kind in KINDS],
        choices=_choices(visit),
    )


async def note_reading(visit: Visit, hit: SearchHit) -> None:
    """Records that the person read a réservé item, when a search result shows its text."""
    if hit.reserved:
        who = PersonId(visit.person.id)
        await sessions.note_reading(visit.connection, hit.item_id, who, visit.now)


def question(visit: Visit, what: SearchParams) -> SearchQuery:
    """Builds the search query of a page's address, within the person's permissions."""
    reader = SearchReader(visit.roles.seen, visit.roles.reads_all)
    department = visit.applied.site.identity.department
    return SearchQuery(reader, what.text, what.which, visit.today, department)


def mark_words(text: str) -> Markup:
    """Makes safe HTML of a found text: `<mark>` for the marks that the search put around words."""
    shown = str(escape(text))
    shown = _MARKED.sub(r"<mark>\1</mark>", shown)
    return Markup(shown.replace(MARKS[0], "").replace(MARKS[1], ""))  # noqa: S704  (escaped above)


def _row(hit: SearchHit, tongue: Tongue) -> ResultRow:
    line = hit.line
    holder = line.signatory or line.agent
    names = tongue.names
    note = "" if hit.read else "Contenu pas encore lu : il se trouvera dans un instant."
    if hit.sealed:
        note = "Courrier réservé : son contenu n’est pas montré ici."
    late, ended = line.late(tongue.today), line.state in DONE
    return ResultRow(
        chrono=line.chrono,
        sender=mark_words(hit.sender),
        subject=mark_words(hit.subject),
        extract=mark_words(" ".join(hit.extract.split())),
        note=note,
        category=names.category(line.category),
        received=f"{labels_fr.short_day(line.received_on)}, {labels_fr.CHANNELS[line.channel]}",
        who=names.service(line.service) + (f", {names.person(holder)}" if holder else ""),
        due="" if line.due is None or ended else labels_fr.short_day(line.due),
        state="en retard" if late and not ended else labels_fr.STATES[line.state],
        kind="late" if late and not ended else "done" if ended else "",
        urgent="" if line.priority is Priority.NORMALE else labels_fr.PRIORITIES[line.priority],
    )


def _noted(hit: NoteHit) -> Mapping[str, Any]:
    return {
        "chrono": hit.chrono,
        "sender": hit.sender,
        "subject": hit.subject,
        "extract": mark_words(" ".join(hit.extract.split())),
    }


def _aside(one: UnregisteredHit, visit: Visit) -> Mapping[str, Any]:
    kinds = {
        "set_aside": "Mis de côté",
        "quarantine": "En quarantaine",
        "history": "Reçu avant la mise en service",
        "past": "Ancien registre",
    }
    answered = (
        "" if one.answered_on is None else f", répondu le {labels_fr.short_day(one.answered_on)}"
    )
    return {
        "kind": kinds[one.kind],
        "number": one.number or "Sans numéro",
        "at": labels_fr.short_day(one.at.astimezone(visit.applied.site.zone).date()) + answered,
        "sender": mark_words(one.sender),
        "subject": mark_words(one.subject),
        "extract": mark_words(" ".join(one.extract.split())),
    }


def _choices(visit: Visit) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What the filters offer."""
    site = visit.applied.site
    states = [
        (state.value, labels_fr.STATES[state]) for state in reversed(ItemStatus) if state != OPEN
    ]
    return {
        "service": [(row.id, row.name) for row in site.services.services],
        "etat": [(OPEN, "attend une réponse"), (LATE, "en retard"), *states],
        "categorie": [(row.id, row.label) for row in site.routing.categories],
        "canal": [(channel.value, labels_fr.CHANNELS[channel]) for channel in Channel],
    }
