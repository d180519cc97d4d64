"""`/courrier/CHRONO`: what came, where it stands, how its limits are counted, and its past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.desk.domain.days import local_day
from services.desk.domain.item import Item
from services.desk.domain.registering import Word
from services.desk.pages import counting, words
from services.desk.pages.originals import cleaned
from services.desk.pages.timeline import Names, timeline
from services.desk.store.sheets import Appearance, Sheet
from shared import plis
from shared.blobs import Blobs
from shared.errors import VaguemestreError
from shared.facts.envelope import BlobKey
from shared.plis import Pli
from shared.site.bundle import AppliedSite
from shared.site.directory import Directory

MOST_PAGES = 50
"""Pictures on one page of the register; the others are in the original."""


@dataclass(frozen=True, slots=True)
class Content:
    """One arrival, safe to show; `lost` says why nothing can be. A copy has nothing of its own."""

    arrival_id: str
    what: str
    source: str
    received: str
    subject: str = ""
    sender: str = ""
    text: str = ""
    quoted: str = ""
    html: str = ""
    pages: int = 0
    read: tuple[str, ...] = ()
    """What OCR read, page by page."""
    attachments: tuple[tuple[str, str], ...] = ()
    lost: str = ""


async def item(
    sheet: Sheet,
    applied: AppliedSite,
    directory: Directory,
    now: datetime,
    blobs: Blobs,
    *,
    hidden: bool,
) -> dict[str, Any]:
    """What the template shows; `hidden`: without what came."""
    names, zone, one = Names(applied.site, directory), applied.site.zone, sheet.item
    day = now.astimezone(zone).date()
    what = one.classification
    return {
        "chrono": one.chrono,
        "state": words.STATES[one.state],
        "facts": _summary(one, names, applied),
        "linked": None
        if sheet.linked is None
        else (sheet.linked.chrono, words.LINKS[sheet.linked.why]),
        "absorbed": one.absorbed,
        "reserved": words.CONFIDENTIALITIES[what.confidentiality] if hidden else "",
        "contents": [] if hidden else await contents(sheet, applied, blobs),
        "counts": counting.counts(sheet, applied, day),
        "holders": counting.holders(sheet, applied, names, day),
        "timeline": [(words.moment(moment.at, zone), moment) for moment in timeline(sheet, names)],
        "short_day": words.short_day,
        "long_day": words.long_day,
        "weekday": lambda day: words.DAYS[day.weekday()][:3],
        "jours_ouvres": words.jours_ouvres,
    }


def _summary(one: Item, names: Names, applied: AppliedSite) -> Sequence[tuple[str, str]]:
    """The rows of the description, those that say something."""
    what, received = one.classification, local_day(one.receipt, applied.site.zone)
    holder = one.signatory or one.agent
    head = applied.site.service[one.service].head if one.service in applied.site.service else None
    doubt = " (première vue, à confirmer)" if one.provisional else ""
    perimeter = "" if what.perimeter else f"hors périmètre : {names.reason(what.reason or '')}"
    rows = (
        ("Objet", f"{names.category(what.category)}, {words.NATURES[what.nature]}"),
        ("Périmètre", perimeter),
        ("Reçu", f"{words.long_day(received)}, {words.CHANNELS[one.channel]}{doubt}"),
        ("Service", names.service(one.service)),
        (
            "Suivi par",
            names.person(holder or head) + ("" if holder else " (responsable du service)"),
        ),
        ("En copie", ", ".join(map(names.service, one.copies))),
        ("Pour information", ", ".join(map(names.person, one.informed))),
        ("Priorité", words.PRIORITIES[what.priority] if what.priority != "normale" else ""),
        ("Attend", ", ".join(words.WAITINGS[waiting] for waiting in sorted(one.waits))),
        ("Fusionné avec", one.merged_chrono or ""),
        ("Classé", "" if one.closed is None else names.reason(one.closed)),
    )
    return [row for row in rows if row[1]]


async def contents(sheet: Sheet, applied: AppliedSite, blobs: Blobs) -> Sequence[Content]:
    """What came, the first arrival first; before it what was keyed at the counter."""
    came = [await content(one, applied, blobs) for one in sheet.arrivals]
    opened = sheet.item.opened
    if opened.arrival_id is None and opened.pli is not None and not sheet.item.destroyed:
        at = words.moment(opened.recorded_at, applied.site.zone)
        return [await _read(("", "saisi", "au guichet", at), opened.pli, blobs), *came]
    return came


async def content(one: Appearance, applied: AppliedSite, blobs: Blobs) -> Content:
    """One arrival, safe to show."""
    what, received = words.APPEARANCES[one.word], words.moment(one.received_at, applied.site.zone)
    head = (str(one.arrival_id), what, one.source, received)
    if one.word is Word.COPY:
        return Content(*head)
    if one.erased_at is not None:
        return Content(*head, lost="Ce document a été retiré ; son empreinte reste dans la preuve.")
    if one.pli is None:
        return Content(*head, lost="Ce message n’a pas pu être lu ; l’original est conservé.")
    return await _read(head, one.pli, blobs)


async def _read(head: tuple[str, str, str, str], key: BlobKey, blobs: Blobs) -> Content:
    try:
        pli = await plis.read(blobs, key)
    except VaguemestreError:
        return Content(*head, lost="Le contenu n’est pas disponible en ce moment.")
    return Content(
        *head,
        subject=pli.subject,
        sender=_sender(pli),
        text=pli.text if pli.kind != "scan" else "",
        quoted=pli.quoted,
        html="" if pli.text else cleaned(pli.html),
        pages=0 if pli.scan is None else min(len(pli.scan.pages), MOST_PAGES),
        read=() if pli.scan is None else pli.scan.pages,
        attachments=tuple((file.name, _size(file.size)) for file in pli.attachments),
    )


def _sender(pli: Pli) -> str:
    who = pli.on_behalf or pli.sender
    return " — ".join(part for part in (who.name, who.address) if part)


def _size(octets: int) -> str:
    kilo = 1024
    if octets < kilo * kilo:
        return f"{max(1, octets // kilo)} ko"
    return f"{octets / kilo / kilo:.1f} Mo".replace(".", ",")
