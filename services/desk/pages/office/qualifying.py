"""What one key does in the queue: confirm, set aside, join to another item, take back."""

from uuid import UUID, uuid5

from starlette.responses import Response

from services.desk.domain.days import local_day
from services.desk.domain.decisions.ending import Close, Undo
from services.desk.domain.decisions.regimes import ConfirmRegime
from services.desk.domain.decisions.resorting import SortAgain
from services.desk.domain.decisions.sorting import CorrectReceipt, NoteSubject, Qualify, Reclassify
from services.desk.domain.item import Item, State
from services.desk.pages.names import Names
from services.desk.pages.numbers import item_of
from services.desk.pages.offers import ITEM
from services.desk.pages.office import sender
from services.desk.pages.office.day import midnight
from services.desk.pages.office.preview import noted
from services.desk.pages.office.queue import QUEUE, asides, onward
from services.desk.pages.refusals import NotAsShown
from services.desk.pages.visit import Visit
from services.desk.store import sorting
from shared import plis
from shared.errors import Refused
from shared.facts.envelope import Weight
from shared.facts.standing import standing
from shared.facts.vocabulary import Category, Confidentiality, Nature, SenderKind, Waiting
from shared.plis import Correspondent, Pli
from shared.web.forms import Form, Mistyped

STAMP = "tampon"
"""Why the day of receipt was confirmed or corrected: the stamp on the paper says so."""
SLIP = "erreur"
NO_REGIME = "aucun"
MOST_SUBJECT = 200


async def confirm(visit: Visit) -> Response:
    """Service and category stand, as proposed or as the fields say; then the next item."""
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    form, before = await visit.form(), sheet.item
    _as_shown(visit, before, proposal=True)
    # Whoever makes it réservé reads it no more afterwards.
    await sender.note(visit, form, before, uuid5(form.decision, "sender"))
    item = await visit.decider(form.decision).about(before.item_id, _qualify(before, form))
    item = await _subject(visit, form, item)
    item = await _receipt(visit, form, item)
    item = await _regime(visit, form, item)
    names = Names(visit.applied.site, visit.directory)
    what = f"{names.service(item.service)}, {names.category(item.classification.category)}"
    return await visit.to(await onward(visit, item.chrono), said=f"{item.chrono} : {what}.")


def _as_shown(visit: Visit, item: Item, *, proposal: bool = False) -> None:
    """The page showed this item and, where asked, the proposal that stands.

    A choice other than the proposal is then the clerk's own. Raises NotAsShown.
    """
    what, shown = item.classification, {ITEM: str(item.chrono)}
    if proposal and item.state is State.TO_QUALIFY:
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
        ),
        service=None if service == item.service else service,
    )


async def _subject(visit: Visit, form: Form, item: Item) -> Item:
    """A few words that somebody typed: the subject of a paper that has none."""
    subject = " ".join(form.text("subject").split())[:MOST_SUBJECT]
    if not subject or subject == await noted(visit.blobs, item.noted):
        return item
    decision = uuid5(form.decision, "subject")
    nobody = Correspondent()
    pli = Pli(kind="keyed", sender=nobody, answer_to=nobody, subject=subject)
    key = await plis.write(visit.blobs, visit.today.year, decision, pli)
    return await visit.decider(decision).about(item.item_id, NoteSubject(key))


async def _receipt(visit: Visit, form: Form, item: Item) -> Item:
    day = form.day("day")
    if day is None:
        return item
    same = day == local_day(item.receipt, visit.applied.site.zone)
    doubtful = Waiting.RECEIPT_TO_CONFIRM in item.waits
    if same and not (doubtful and form.ticked("day_stands")):
        return item
    decider = visit.decider(uuid5(form.decision, "receipt"))
    return await decider.about(item.item_id, CorrectReceipt(day, STAMP))


async def _regime(visit: Visit, form: Form, item: Item) -> Item:
    regime = form.text("regime")
    if not regime:
        return item
    decider = visit.decider(uuid5(form.decision, "regime"))
    command = ConfirmRegime(None if regime == NO_REGIME else regime)
    return await decider.about(item.item_id, command)


async def set_aside(visit: Visit) -> Response:
    """Nothing to answer: out of the perimeter where its category says so, and closed."""
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    form = await visit.form()
    _as_shown(visit, sheet.item)
    chosen = form.needed("why", "Dites pourquoi ce courrier n’appelle pas de réponse.")
    if chosen not in dict(asides(visit)):
        raise Mistyped("why", "Choisissez dans la liste.")
    kind, _, code = chosen.partition(":")
    reason, item_id = code, sheet.item.item_id
    if kind == "category":
        row = visit.applied.site.category[Category(code)]
        reason = row.reason or code
        command = Qualify(Reclassify(category=row.id))
        await visit.decider(form.decision).about(item_id, command)
    closing = visit.decider(uuid5(form.decision, "close"))
    item = await closing.about(item_id, Close(reason))
    label = visit.applied.site.labels.reason(reason)
    said = f"{item.chrono} : écarté ({label})."
    return await visit.to(await onward(visit, item.chrono), said=said)


async def join(visit: Visit) -> Response:
    """It is a message of an item that is there already."""
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    form = await visit.form()
    _as_shown(visit, sheet.item)
    wanted = form.needed("into", "Donnez le numéro du courrier dont c’est la suite.")
    into = await item_of(visit, wanted, "into")
    survivor = await visit.decider(form.decision).merge(sheet.item.item_id, into)
    said = f"{sheet.item.chrono} : joint à {survivor.chrono}."
    return await visit.to(await onward(visit, sheet.item.chrono), said=said)


async def take_back(visit: Visit) -> Response:
    """What the person sorted today is undone, whole: the item is to be sorted again."""
    sheet = await visit.item(visit.request.path_params["chrono"])
    form, chrono = await visit.form(), sheet.item.chrono
    last = await sorting.last(visit.connection, visit.person.id, midnight(visit), chrono)
    if last is None:
        raise Refused("Nothing was sorted last.", "undone-already")
    mine = [
        fact.seq
        for fact in standing(sheet.facts)
        if fact.by == f"person:{visit.person.id}"
        and fact.recorded_at == last.at
        and fact.weight is Weight.STATEMENT
    ]
    item = sheet.item
    for seq in reversed(mine):
        decision = _nth(form.decision, seq)
        item, _ = await visit.decider(decision).undo(last.item_id, Undo(SLIP, seq))
    if item.state is not State.TO_QUALIFY:
        again = visit.decider(uuid5(form.decision, "again"))
        await again.about(last.item_id, SortAgain())
    return await visit.to(f"{QUEUE}/{last.chrono}", said=f"{last.chrono} : à trier de nouveau.")


def _nth(decision: UUID, seq: int) -> UUID:
    """A decision of its own for each statement: the same form gives the same ids."""
    return uuid5(decision, f"undo {seq}")
