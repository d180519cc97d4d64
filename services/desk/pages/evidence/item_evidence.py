"""`/courrier/CHRONO/preuve`: whether its past holds, who read it, and what goes for good."""

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.accounts.store import sessions
from services.desk.domain.decisions.second import LeavePerimeter, LiftHold
from services.desk.domain.decisions.withdrawal import AskWithdrawal, PlaceHold
from services.desk.domain.disposition import Disposition
from services.desk.domain.item import Item
from services.desk.domain.label_perimeter import outside_service
from services.desk.evidence import service
from services.desk.evidence.proof import archive, documents
from services.desk.evidence.store import roots
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.downloads import our_file
from services.desk.pages.visit import Visit
from services.desk.rights import may_prove
from services.desk.store import label_perimeter
from services.desk.store.sheets import ArrivalAppearance, ItemSheet
from shared.facts.authors import by_person
from shared.facts.envelope import ArrivalId
from shared.web.forms import Form, Mistyped

WITHDRAWN: Final = (
    "erreur-de-destinataire",
    "donnees-sensibles",
    "piece-d-un-tiers",
    "demande-de-la-personne",
)
HELD: Final = ("contentieux", "controle")
LIFTED: Final = ("contentieux-termine", "controle-termine")
"""Codes of reasons, said in French by shared/site/tables/code_labels.py or by the site."""
WHOLE: Final = "tout"
CONFIRM: Final = "confirmer"


async def proof(visit: Visit) -> Response:
    """Shows the evidence of an item: hash chain, roots, documents, who read it."""
    found = await _proven(visit)
    item, names = found.item, Names(visit.applied.site, visit.directory)
    zone = visit.applied.site.zone
    verdict = await service.of_item(visit.connection, item.item_id)
    named = await documents.named_documents(visit.connection, item.item_id, found.facts)
    nights = await roots.nights_of(visit.connection, item.item_id)
    asked = item.asked[-1] if item.asked else None
    readings = await sessions.readings(visit.connection, item.item_id)
    async with visit.apart():
        read = await documents.read(visit.blobs, named)
    return await visit.html(
        "evidence/item.html",
        chrono=item.chrono,
        holds=service.with_documents(verdict, read).holds,
        wrong=[
            (document.label, document.said, document.sha256) for document in read if document.wrong
        ],
        states={document.sha256: document.said for document in read},
        facts=len(found.facts),
        nights=len(nights),
        documents=[
            _document(arrival, visit)
            for arrival in found.arrivals
            if arrival.word is not Disposition.COPY
        ],
        readings=[(names.person(who), labels_fr.moment(at, zone)) for who, at in readings],
        asked=None
        if asked is None
        else (
            names.author(asked.by),
            "tout le contenu" if asked.arrival_id is None else "un document",
            names.reason(asked.reason),
        ),
        mine=asked is not None and asked.by == by_person(visit.person.id),
        held=None if item.legal_hold is None else names.reason(item.legal_hold.reason),
        destroyed=item.destroyed,
        whole=WHOLE,
        confirm=CONFIRM,
        withdrawn=_reasons(names, WITHDRAWN),
        held_reasons=_reasons(names, HELD),
        lifted_reasons=_reasons(names, LIFTED),
        inside=item.classification.perimeter,
        left_out=await _left_out(visit, item, names),
        outside_reasons=_reasons(names, _outside(visit)),
        by_two={
            fact.act.value: (
                names.author(fact.by),
                names.reason(fact.reason),
                fact.by == by_person(visit.person.id),
                fact.reason,
            )
            for fact in item.second_asked
        },
    )


async def export(visit: Visit) -> Response:
    """Downloads the proof of an item as a ZIP."""
    found = await _proven(visit)
    chrono, item_id = found.item.chrono, found.item.item_id
    gathered = await archive.gather(visit.connection, chrono, item_id, visit.now)
    async with visit.apart():
        content = archive.zip_proof(await archive.with_documents(gathered, visit.blobs))
    return our_file(content, "application/zip", f"preuve-{chrono}.zip")


async def withdraw(visit: Visit) -> Response:
    """Handles the form that requests the deletion of an item's content, or confirms one."""
    found = await _proven(visit)
    form = await visit.form()
    by, here = visit.decider(form.decision), _here(found)
    if form.text("action") == CONFIRM:
        await by.withdraw(found.item.item_id)
        return await visit.to(here, said="Retiré : les octets sont effacés dans la minute.")
    what = form.require("document", "Dites ce qu’il faut retirer.")
    reason = _reason(form, WITHDRAWN)
    await by.about(found.item.item_id, AskWithdrawal(_arrival(what, found), reason))
    return await visit.to(here, said="Demandé : rien ne part avant qu’une autre personne confirme.")


async def hold(visit: Visit) -> Response:
    """Handles the form that places a legal hold on an item: nothing of it is destroyed."""
    found = await _proven(visit)
    form = await visit.form()
    reason = _reason(form, HELD)
    await visit.decider(form.decision).about(found.item.item_id, PlaceHold(reason))
    return await visit.to(_here(found), said="Conservation ordonnée.")


async def lift(visit: Visit) -> Response:
    """Handles the form that requests the lifting of an item's legal hold, or confirms one."""
    found = await _proven(visit)
    form = await visit.form()
    return await _by_two(visit, form, found, LiftHold(_reason(form, LIFTED)), "Conservation levée.")


async def leave_perimeter(visit: Visit) -> Response:
    """Handles the form that puts a late item out of the perimeter: one asks, another confirms."""
    found = await _proven(visit)
    form = await visit.form()
    command = LeavePerimeter(_reason(form, _outside(visit)))
    return await _by_two(visit, form, found, command, "Mis hors périmètre.")


async def _by_two(
    visit: Visit, form: Form, found: ItemSheet, command: LiftHold | LeavePerimeter, done: str
) -> Response:
    """Asks, or confirms what another person asked."""
    before = len(found.item.second_asked)
    after = await visit.decider(form.decision).about(found.item.item_id, command)
    waits = len(after.second_asked) > before
    said = "Demandé : rien ne change avant qu’une autre personne confirme." if waits else done
    return await visit.to(_here(found), said=said)


def _reason(form: Form, among: Sequence[str]) -> str:
    reason = form.text("motif")
    if reason not in among:
        raise Mistyped("motif", "Choisissez un motif dans la liste.")
    return reason


async def _left_out(visit: Visit, item: Item, names: Names) -> str:
    """The service for which the item counts in no rate, by the label's perimeter; else empty."""
    known = await label_perimeter.perimeter(visit.connection)
    service = outside_service(item, visit.applied.site.zone, known)
    return "" if service is None else names.service(service)


def _outside(visit: Visit) -> Sequence[str]:
    """Why the site's own categories stand outside the perimeter."""
    rows = visit.applied.site.routing.categories
    return sorted({row.reason for row in rows if not row.perimeter and row.reason is not None})


async def _proven(visit: Visit) -> ItemSheet:
    """The item, for whoever may see its proof. Raises HTTPException 403 for the others."""
    found = await visit.item(visit.request.path_params["chrono"])
    if not may_prove(visit.roles, found.item):
        raise HTTPException(403)
    return found


def _here(found: ItemSheet) -> str:
    return f"/courrier/{found.item.chrono}/preuve"


def _arrival(what: str, found: ItemSheet) -> ArrivalId | None:
    if what == WHOLE:
        return None
    known = {str(arrival.arrival_id): arrival.arrival_id for arrival in found.arrivals}
    if what not in known:
        raise HTTPException(404)
    return known[what]


def _document(one: ArrivalAppearance, visit: Visit) -> dict[str, object]:
    zone = visit.applied.site.zone
    return {
        "id": str(one.arrival_id),
        "what": labels_fr.APPEARANCES[one.word],
        "received": labels_fr.moment(one.received_at, zone),
        "sha256": one.original.rpartition("/")[2],
        "erased": "" if one.erased_at is None else labels_fr.moment(one.erased_at, zone),
    }


def _reasons(names: Names, codes: Sequence[str]) -> Sequence[tuple[str, str]]:
    return [(code, names.reason(code)) for code in codes]
