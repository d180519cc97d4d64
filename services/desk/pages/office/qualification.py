"""What one key does in the queue: confirm, set aside, join to another item, take back."""

from datetime import date

from starlette.responses import Response

from services.desk.domain.days import local_day
from services.desk.domain.decisions.classification import Qualify, Reclassify
from services.desk.domain.decisions.regimes import ConfirmRegime
from services.desk.domain.item import Item, ItemStatus
from services.desk.french.names import Names
from services.desk.pages.numbers import item_of
from services.desk.pages.offers import ITEM
from services.desk.pages.office import claims, next_letter, sender
from services.desk.pages.office.queue import asides
from services.desk.pages.office.queue_address import QueueParams, params_at
from services.desk.pages.office.stamps import TAKEN
from services.desk.pages.refusals import NotAsShown
from services.desk.pages.visit import Visit
from services.desk.service import Qualification
from services.desk.store import queue_claims
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import Category, Confidentiality, Nature, SenderKind
from shared.web import forms
from shared.web.forms import Form, Mistyped

NO_REGIME = "aucun"
MOST_SUBJECT = 200


async def confirm(visit: Visit) -> Response:
    """Handles the form that qualifies an item, as proposed or as edited; then shows the next."""
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    form, before = await visit.form(), sheet.item
    as_shown(visit, before, proposal=True)
    await claims.guard(visit, before)
    # Whoever makes it réservé reads it no more afterwards.
    await sender.note(visit, form, before)
    by = visit.decider(form.decision)
    shown = local_day(before.receipt, visit.applied.site.zone)
    item = await by.qualify(before.item_id, _said(before, form, shown), visit.blobs)
    names = Names(visit.applied.site, visit.directory)
    what = f"{names.service(item.service)}, {names.category(item.classification.category)}"
    return await _onward(visit, form, item, f"{item.chrono} : {what}.")


async def _onward(visit: Visit, form: Form, item: Item, said: str) -> Response:
    """Gives the letter back, sorted as it is, and leads to the next one."""
    answer = await next_letter.lead(visit, form, _params(visit, form), item.chrono, said)
    # After the next was claimed, and without waiting: two whose leases ended block nobody.
    await queue_claims.end(visit.connection, item.item_id, PersonId(visit.person.id))
    return answer


def _params(visit: Visit, form: Form) -> QueueParams:
    return params_at(form.text(forms.AGAIN), visit.applied.site)


def as_shown(visit: Visit, item: Item, *, proposal: bool = False) -> None:
    """Checks that the page showed this item and, where asked, the proposal that stands.

    A choice other than the proposal is then the clerk's own. Raises NotAsShown.
    """
    what, shown = item.classification, {ITEM: str(item.chrono)}
    if proposal and item.state is ItemStatus.TO_QUALIFY:
        shown |= {
            "service": item.service,
            "category": what.category,
            "nature": what.nature.value,
            "confidentiality": what.confidentiality.value,
            "sender_kind": what.sender_kind.value,
        }
    for name, value in shown.items():
        offer = visit.offers.get(name)
        if offer is None or offer.shown != value:
            raise NotAsShown(item.chrono)


def _said(item: Item, form: Form, shown: date) -> Qualification:
    """What the form decides; `shown`: the day of receipt that its field was filled with."""
    regime = form.text("regime")
    stamped, typed = form.day(TAKEN), form.day("day")
    if stamped is not None and typed not in {None, shown, stamped}:
        raise Mistyped("day", "Ce jour n’est pas celui du tampon coché : gardez l’un des deux.")
    return Qualification(
        _qualify(item, form),
        subject=" ".join(form.text("subject").split())[:MOST_SUBJECT],
        received_on=stamped or typed,
        received_stands=stamped is not None or form.is_ticked("day_stands"),
        regime=ConfirmRegime(None if regime == NO_REGIME else regime) if regime else None,
    )


def _qualify(item: Item, form: Form) -> Qualify:
    """Only what was changed: the proposed agent stays where the proposed service does."""
    what = item.classification
    category = form.text("category") or None
    service = form.text("vers") or form.text("service") or None
    nature = form.word("nature", Nature)
    confidentiality = form.word("confidentiality", Confidentiality)
    writes = form.word("sender_kind", SenderKind)
    return Qualify(
        Reclassify(
            category=None if category == what.category else category,
            nature=None if nature is what.nature else nature,
            confidentiality=None if confidentiality is what.confidentiality else confidentiality,
            sender_kind=None if writes is what.sender_kind else writes,
            theme=form.text("theme") or None,
        ),
        service=None if service == item.service else service,
    )


async def set_aside(visit: Visit) -> Response:
    """Handles the form that closes an item which needs no answer, with the reason chosen."""
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    form = await visit.form()
    as_shown(visit, sheet.item)
    await claims.guard(visit, sheet.item)
    chosen = form.require("why", "Dites pourquoi ce courrier n’appelle pas de réponse.")
    if chosen not in dict(asides(visit)):
        raise Mistyped("why", "Choisissez dans la liste.")
    kind, _, code = chosen.partition(":")
    category = visit.applied.site.category[Category(code)] if kind == "category" else None
    reason = code if category is None else category.reason or code
    item = await visit.decider(form.decision).dismiss(
        sheet.item.item_id, reason, None if category is None else Category(category.id)
    )
    label = visit.applied.site.labels.reason(reason)
    return await _onward(visit, form, item, f"{item.chrono} : écarté ({label}).")


async def join(visit: Visit) -> Response:
    """Handles the form that merges an item into another, of which it is a further message."""
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    form = await visit.form()
    as_shown(visit, sheet.item)
    await claims.guard(visit, sheet.item)
    wanted = form.require("into", "Donnez le numéro du courrier dont c’est la suite.")
    into = await item_of(visit, wanted, "into")
    survivor = await visit.decider(form.decision).merge(sheet.item.item_id, into)
    said = f"{sheet.item.chrono} : joint à {survivor.chrono}."
    return await _onward(visit, form, sheet.item, said)


async def take_back(visit: Visit) -> Response:
    """Handles the form that undoes a person's qualification of today."""
    sheet = await visit.item(visit.request.path_params["chrono"])
    form, chrono = await visit.form(), sheet.item.chrono
    item = await visit.decider(form.decision).sort_again(chrono, visit.midnight)
    where = _params(visit, form).address(item.chrono)
    return await visit.to(where, said=f"{item.chrono} : à trier de nouveau.")
