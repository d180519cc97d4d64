"""`/bureau/guichet`: a paper handed over or opened by hand, and scans that somebody deposits."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from services.desk.domain.days import LONG_AGO
from services.desk.domain.decisions.counter import ON_PAPER, RegisterAtCounter
from services.desk.domain.postal_numbers import both_forms, has_wrong_digit
from services.desk.french import labels_fr
from services.desk.pages import journal_entries, originals
from services.desk.pages.numbers import label_of
from services.desk.pages.office import counter_deposits, deposit_receipts
from services.desk.pages.office.scans import ACCEPT, FIELD, check_scans
from services.desk.pages.visit import Visit
from services.desk.settings import DeskSettings
from services.desk.store import counter_deposits as deposits_store
from services.desk.store import item_numbers, print_queue
from shared.content import plis, spool
from shared.content.plis import Correspondent, Pli
from shared.content.spool import UploadDeposit
from shared.facts.envelope import BlobKey, Chrono, PersonId, ServiceId
from shared.facts.vocabulary import Channel, Nature, SenderKind
from shared.platform import disk_space
from shared.web.forms import Form, Mistyped

COUNTER: Final = "/bureau/guichet"


async def counter(visit: Visit) -> Response:
    """Shows the page of the counter: the form to register a paper, the form to upload scans."""
    label = visit.request.query_params.get("etiquette", "")[:9]
    label = label_of(visit, f"label:{label}", "label") or ""
    printed = visit.request.query_params.get("imprimer", "")
    return await visit.html(
        "office/counter.html",
        label=label,
        lately=await deposit_receipts.lately(visit),
        deposits=await counter_deposits.lately(visit),
        printed=printed.zfill(6) if printed.isascii() and printed.isdigit() else "",
        accept=ACCEPT,
        **_choices(visit),
    )


def _choices(visit: Visit) -> dict[str, Any]:
    site = visit.applied.site
    return {
        "channels": [(channel.value, labels_fr.CHANNELS[channel]) for channel in ON_PAPER],
        "categories": [(category.id, category.label) for category in site.routing.categories],
        "services": [(service.id, service.name) for service in site.services.services],
        "natures": [(nature.value, labels_fr.NATURES[nature]) for nature in Nature],
        "themes": list(site.labels.every_theme.items()),
        "senders": [(kind.value, said) for kind, said in labels_fr.SENDERS.items()],
        "day": visit.today.isoformat(),
    }


async def register(visit: Visit) -> Response:
    """Handles the form that registers a paper handed in at the counter.

    A later scan of it joins by the number of its sticker.
    """
    form = visit.read()
    await visit.not_again()
    category = form.require("category", "Dites de quoi parle ce courrier.")
    day = _received(visit, form, "ancien") or visit.today
    channel = form.word("channel", Channel) or Channel.HAND_DELIVERED
    nature = form.word("nature", Nature)
    sender = form.word("sender_kind", SenderKind) or SenderKind.UNKNOWN
    label, prints = _label(visit, form), form.is_ticked("etiqueter")
    if label is not None and prints:
        raise Mistyped(
            "etiqueter",
            "Ce papier porte déjà une étiquette : videz son numéro, ou n’en imprimez pas.",
        )
    if label is not None and await item_numbers.by_label(visit.connection, label) is not None:
        raise Mistyped("label", f"L’étiquette {label} est déjà sur un autre courrier.")

    def command(key: BlobKey | None, chrono: Chrono) -> RegisterAtCounter:
        return RegisterAtCounter(
            chrono,
            category,
            day,
            channel,
            None if nature is Nature.UNKNOWN else nature,
            sender,
            form.text("service") or None,
            pli=key,
            theme=form.text("theme") or None,
        )

    # Before the words are kept: a refusal of the register rolls back rows, not files.
    await visit.decider(form.decision).judge_paper(partial(command, None), label)
    async with visit.apart():
        key = await _written(visit, form, channel)
    await visit.form()
    where = COUNTER
    if prints:
        me = visit.person.id
        first = await print_queue.take_labels(visit.connection, 1, me, visit.now)
        label, where = f"{first:06d}", f"{COUNTER}?imprimer={first}"
    item = await visit.decider(form.decision).register(partial(command, key), label)
    said = f"Enregistré sous {item.chrono}" + (f", étiquette {label}." if label else ".")
    return await visit.to(where, said=said)


def _received(visit: Visit, form: Form, long_ago: str) -> date | None:
    """The day of receipt that was typed. `long_ago`: the box that says it is meant."""
    day = form.day("day")
    if day is None:
        return None
    said = labels_fr.short_day(day)
    if day > visit.today:
        raise Mistyped("day", f"Le {said} est encore à venir : donnez le jour de réception.")
    if visit.today - day > LONG_AGO and not form.is_ticked(long_ago):
        raise Mistyped(
            long_ago,
            f"Le {said} est passé depuis plus de deux mois : vérifiez l’année. Si le papier est"
            " bien arrivé ce jour-là, cochez cette case et recommencez.",
        )
    return day


def _label(visit: Visit, form: Form) -> str | None:
    text = form.text("label")
    if not text:
        return None
    found = label_of(visit, text if ":" in text else f"label:{text}", "label")
    if found is None:
        raise Mistyped("label", f"« {text[:40]} » n’est pas un numéro d’étiquette.")
    return found


async def _written(visit: Visit, form: Form, channel: Channel) -> BlobKey | None:
    """Who and what, as keyed: personal data lie beside the register, never in its facts."""
    number = form.text("registered")
    if number and channel is not Channel.REGISTERED_LETTER:
        raise Mistyped("registered", "Ce numéro est celui d’une lettre recommandée.")
    if has_wrong_digit(number):  # those of other carriers and countries are of any form
        raise Mistyped("registered", "Un chiffre de ce numéro est faux, recopiez-le ou scannez-le.")
    subject, name, postal = (
        form.text(field).replace("\0", "") for field in ("subject", "name", "postal")
    )
    if not (number or subject or name or postal):
        return None
    sender = Correspondent(name=name[:250], postal=postal[:1000])
    pli = Pli(
        kind="keyed",
        sender=sender,
        answer_to=sender,
        subject=subject[:1000],
        text=f"Lettre recommandée n° {both_forms(number[:40])}" if number else "",
    )
    return await plis.write(visit.blobs, visit.today.year, form.decision, pli)


async def deposit(visit: Visit) -> Response:
    """Handles the form that uploads scans: stores them in the spool, where ingest reads them."""
    form = visit.read()
    channel = form.word("channel", Channel) or Channel.LETTER
    if channel not in ON_PAPER:
        raise Mistyped("channel", "Choisissez dans la liste.")
    service = form.text("service")
    if service and ServiceId(service) not in visit.applied.site.service:
        raise Mistyped("service", "Choisissez dans la liste.")
    on = _moment(visit, form)
    # Before the decision: sent twice, it lies there once.
    async with visit.apart():
        received = [(file.filename or "", await file.read()) for file in form.files(FIELD)]
        found = await originals.call_in_thread(check_scans, received)
        what = UploadDeposit(
            id=form.decision,
            at=visit.now,
            by=PersonId(visit.person.id),
            channel=channel,
            service=ServiceId(service) if service else None,
            received_on=on,
            files=tuple(file for file, _ in found),
        )
        await asyncio.to_thread(_put, visit.settings, what, [content for _, content in found])
    await visit.form()
    await journal_entries.handed_in(visit, form.decision)
    me = PersonId(visit.person.id)
    await deposits_store.note_deposit(visit.connection, form.decision, me, visit.now, len(found))
    number = "leur numéro s’affichera dès qu’ils seront lus"
    if len(found) == 1:
        number = "son numéro s’affichera dès qu’il sera lu"
    said = f"{labels_fr.amount(len(found), 'document déposé')} : {number}."
    return await visit.to(COUNTER, said=said)


def _put(settings: DeskSettings, what: UploadDeposit, contents: Sequence[bytes]) -> None:
    """Blocks. Raises Mistyped where there is no room, TemporaryFailure."""
    if disk_space.why_full(settings.spool, settings.free_floor):
        raise Mistyped(
            FIELD,
            "Il n’y a plus assez de place sur le serveur pour garder ces documents : prévenez votre"
            " service informatique, et gardez les papiers.",
        )
    spool.deposit(settings.spool, what, contents, settings.keys.current)


def _moment(visit: Visit, form: Form) -> datetime | None:
    """Noon of the day of receipt, or now on this day; `None` when nobody knows it."""
    day = _received(visit, form, "depot-ancien")
    if day is None:
        return None
    noon = datetime.combine(day, time(12), visit.applied.site.zone)
    return min(noon, visit.now)
