"""`/service/ID/charge/PERSON/remise`: all that somebody holds in a service, given on at once.

For whoever leads it, when a colleague leaves. The page shows each item before anything is decided;
the decision is about those that it showed, each judged alone, and has one line in the journal.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.accounts.store import sessions
from services.desk.domain.item import Item
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages import journal_entries
from services.desk.pages.refusals import UNREADABLE, french
from services.desk.pages.service.item_list import BatchOutcome
from services.desk.pages.visit import Visit
from services.desk.service import HandedOver
from services.desk.store import access_journal, item_numbers, readable_items, work
from services.desk.store.access_journal import What
from services.desk.store.search_types import SearchReader
from services.desk.store.work import WorkRow
from shared.errors import Refused
from shared.facts.envelope import Chrono, PersonId
from shared.web.forms import Form, Mistyped

HAND_OVER: Final = "/service/{service}/charge/{person}/remise"
MOST: Final = 200
"""Items of one decision; more are given on by a second one."""
TO_SERVICE: Final = "service"
"""Of the choice of whom they go to: the service alone, where its head distributes them."""


@dataclass(frozen=True, slots=True)
class _Given:
    """What is given on: of whom, in which service, to which colleague (`None`: to the service)."""

    service: str
    person: PersonId
    to: PersonId | None


async def hand_over(visit: Visit) -> Response:
    """Shows the items that a person holds in a service; a POST reassigns those that it showed.

    Raises HTTPException 404 for an unknown service, or a person who holds nothing there and is
    nobody of the préfecture.
    """
    service, person = _asked(visit)
    if visit.request.method == "POST":
        return await _decided(visit, service, person)
    return await _shown(visit, service, person)


def _asked(visit: Visit) -> tuple[str, PersonId]:
    service: str = visit.request.path_params["service"]
    if service not in visit.applied.site.service:
        raise HTTPException(404, "Ce service n’existe pas.")
    return service, PersonId(visit.request.path_params["person"])


async def _shown(
    visit: Visit, service: str, person: PersonId, outcome: BatchOutcome | None = None
) -> Response:
    names = Names(visit.applied.site, visit.directory)
    reader = SearchReader(visit.roles.seen, visit.roles.reads_all)
    which = work.WorklistFilter(service, holders=(person,))
    found = await work.rows(visit.connection, reader, which, visit.today, limit=MOST + 1)
    held = await work.held_in(visit.connection, service, person)
    if not held and visit.directory.person(person) is None:
        raise HTTPException(404, "Cette personne n’est pas de la préfecture.")
    there = visit.directory.of(service)
    colleagues = [colleague for colleague in there if colleague.id != person]
    return await visit.html(
        "service/hand_over.html",
        service=service,
        service_name=names.service(service),
        who=names.person(person),
        address=HAND_OVER.format(service=service, person=person),
        rows=[_row(row, visit, names, person) for row in found[:MOST]],
        more=len(found) > MOST,
        unseen=0 if len(found) > MOST else held - len(found),
        targets=[
            *(
                (
                    colleague.id,
                    f"{colleague.first_name} {colleague.name}"
                    + (
                        " (en absence)"
                        if visit.directory.is_away(colleague.id, visit.today)
                        else ""
                    ),
                )
                for colleague in colleagues
            ),
            (TO_SERVICE, "Au service, sans agent"),
        ],
        outcome=outcome,
    )


def _row(row: WorkRow, visit: Visit, names: Names, person: PersonId) -> Mapping[str, object]:
    one, day = row.line, visit.today
    return {
        "chrono": one.chrono,
        "subject": row.subject,
        "sender": row.sender,
        "category": names.category(one.category),
        "sealed": row.sealed,
        "due": "" if one.due is None else labels_fr.short_day(one.due),
        "left": "" if one.due is None else labels_fr.days_left(day, one.due, visit.applied.days),
        "late": one.late(day),
        "state": labels_fr.STATES[one.state],
        "returns_to": (
            _returns_to(visit, names, one.agent)
            if one.signatory == person and one.agent != person
            else ""
        ),
    }


async def _decided(visit: Visit, service: str, person: PersonId) -> Response:
    form = await visit.form()
    chosen = form.require("vers", "Choisissez à qui remettre ces courriers.")
    chronos = list(dict.fromkeys(form.texts("chrono")))[:MOST]
    if not chronos:
        raise Mistyped("vers", "Il n’y a rien à remettre.")
    given = _Given(service, person, None if chosen == TO_SERVICE else PersonId(chosen))
    done, refused = await _each(visit, form, given, chronos)
    if done:
        page = HAND_OVER.format(service=service, person=person)
        line = replace(journal_entries.line(visit, page, What.HANDED_OVER), about=person)
        await access_journal.note(visit.connection, line)
    told = _told(visit, given, done)
    if not refused:
        return await visit.to(f"/service/{service}/charge", said=told)
    here = HAND_OVER.format(service=service, person=person)
    await sessions.keep_answer(visit.connection, form.decision, here)
    outcome = BatchOutcome(told or "Rien n’a été changé.", refused)
    return await _shown(visit, service, person, outcome)


def _told(visit: Visit, given: _Given, done: Sequence[HandedOver]) -> str:
    """What became of the items, in a sentence; empty when nothing was done."""
    if not done:
        return ""
    names = Names(visit.applied.site, visit.directory)
    whom = names.service(given.service) if given.to is None else names.person(given.to)
    returned = [handed.item.agent for handed in done if handed.returned]
    parts = [(len(done) - len(returned), f"remis à {whom}")] if len(returned) < len(done) else []
    for agent, n in Counter(returned).items():
        to = _returns_to(visit, names, agent)
        parts.append((n, f"revenu{'s' if n > 1 else ''} de la signature {to}"))
    said = parts[0][1] if len(parts) == 1 else ", ".join(f"{n} {what}" for n, what in parts)
    many = "s" if len(done) > 1 else ""
    return f"{len(done)} courrier{many} de {names.person(given.person)} : {said}."


def _returns_to(visit: Visit, names: Names, agent: PersonId | None) -> str:
    if agent is None:
        return "au service, sans agent"
    gone = visit.directory.person(agent) is None
    return f"à {names.person(agent)}" + (", qui a quitté la préfecture" if gone else "")


async def _each(
    visit: Visit, form: Form, given: _Given, chronos: Sequence[str]
) -> tuple[Sequence[HandedOver], Sequence[tuple[str, str]]]:
    """What was done, and the refusals by chrono. The items are locked in order of id."""
    by, names = visit.decider(form.decision), Names(visit.applied.site, visit.directory)
    by_chrono = await item_numbers.by_chronos(
        visit.connection, [Chrono(chrono) for chrono in chronos]
    )
    locked, unreadable = await readable_items.lock(visit.connection, by_chrono.values())
    done, refused = list[HandedOver](), list[tuple[str, str]]()
    for chrono in chronos:
        item_id = by_chrono.get(Chrono(chrono))
        if item_id in unreadable:
            refused.append((chrono, UNREADABLE))
            continue
        kept = None if item_id is None else locked.get(item_id)
        if kept is None or not _here(visit, kept.item, given.service):
            refused.append((chrono, "Ce courrier est suivi par un autre service."))
            continue
        try:
            async with visit.connection.transaction():
                handed = await by.hand_over(kept.item.item_id, given.person, given.to)
        except Refused as why:
            refused.append((chrono, french(why, names)))
        else:
            done.append(handed)
    return done, refused


def _here(visit: Visit, item: Item, service: str) -> bool:
    return item.service == service and visit.may_decide(item)
