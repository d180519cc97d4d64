"""The exchange of an item: what came, and what we wrote, as texts and pictures that are safe."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from services.desk.domain.disposition import Disposition
from services.desk.domain.item import Item
from services.desk.french import attachment_words, delivery_words, labels_fr, signature_words
from services.desk.pages.drawn_pages import digest_of
from services.desk.pages.originals import clean_html
from services.desk.pages.paper import Paper, paper_of
from services.desk.store import page_turns
from services.desk.store.notices import Notice
from services.desk.store.sheets import ArrivalAppearance, ItemSheet
from shared.content import plis
from shared.content.blobs import Blobs
from shared.content.plis import Pli
from shared.errors import VaguemestreError
from shared.facts import ids
from shared.facts.envelope import BlobKey, NoticeId
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.standing import standing
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite

MOST_SHOWN = 40
"""Arrivals that a page shows unless it is asked for all: the first, then the latest."""
MOST_PAGES = 50
"""Pictures on one page of the register; the others are in the original."""
Turns = Mapping[str, Mapping[int, int]]
"""How pages are turned, by the SHA-256 of their document (store/page_turns.py)."""


@dataclass(frozen=True, slots=True)
class File:
    """An attachment in the list below a message, with its size."""

    name: str
    size: str
    number: int
    """Its place in the pli, from 0: its address ends with it."""
    unlooked: bool = False
    """The antivirus could not look at it."""
    text: str = ""
    """What was read in it."""
    unread: str = ""
    """Why it could not be read, or not whole."""
    virus: str = ""
    """What the antivirus calls the virus in it: it is not given out."""
    too_large: bool = False
    """It is too large for the antivirus, which could not look at it."""


@dataclass(frozen=True, slots=True)
class LetterCopy:
    """A copy by email of what we wrote: its notice, to whom it goes, and what became of it."""

    notice_id: NoticeId
    address: str
    state: str


@dataclass(frozen=True, slots=True)
class MessageContent:
    """A message of an item as its page shows it, received or sent by us.

    `lost` says why it can't be shown. A copy has no content of its own.
    """

    arrival_id: str
    """Empty for what we wrote."""
    what: str
    source: str
    received: str
    subject: str = ""
    sender: str = ""
    signatures: tuple[str, ...] = ()
    """What is said of each electronic signature that it bears."""
    text: str = ""
    quoted: str = ""
    html: str = ""
    paper: Paper = field(default_factory=Paper)
    files: tuple[File, ...] = ()
    lost: str = ""
    ours: bool = False
    enclosed: tuple[tuple[str, str, str], ...] = ()
    """Files that leave with what we wrote: name, size, and their address below the item's."""
    copies: tuple[LetterCopy, ...] = ()
    """Of what we wrote: by email, in their order."""
    splits: int = 0
    """The message's number in the item's past, where it can become an item of its own."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Texts from outside, in which words are marked; none of what we wrote."""
        attached = (file.text for file in self.files)
        parts = self.subject, self.text, self.quoted, *self.paper.read, *attached
        return () if self.ours else parts


async def turns_of(connection: Connection, sheet: ItemSheet) -> Turns:
    """Returns by how many degrees each page of an item's documents is turned, by document."""
    return await page_turns.of_documents(
        connection, [digest_of(arrival.original) for arrival in sheet.arrivals]
    )


def left_out(sheet: ItemSheet) -> int:
    """Returns how many messages of an item its page leaves out, unless all are requested."""
    return max(0, len(sheet.arrivals) - MOST_SHOWN)


async def thread(
    sheet: ItemSheet, applied: AppliedSite, blobs: Blobs, turns: Turns, *, whole: bool
) -> Sequence[MessageContent]:
    """Returns the messages of an item for its page: the opening one, then the others by moment.

    `turns`: how the pages of its scans are turned; `whole`: all messages, however many.
    """
    shown = sheet.arrivals
    if not whole and left_out(sheet):
        shown = [*shown[:1], *shown[-(MOST_SHOWN - 1) :]]
    came = await asyncio.gather(
        *(_came(appearance, sheet.item, applied, blobs, turns) for appearance in shown)
    )
    wrote = await asyncio.gather(
        *(_wrote(fact, sheet.notices, applied, blobs) for fact in _composed(sheet))
    )
    keyed = await _keyed(sheet.item, applied, blobs)
    first, others = [*keyed, *came[:1]], [*came[1:], *wrote]
    return [content for _, content in [*first, *sorted(others, key=lambda one: one[0])]]


async def _keyed(
    item: Item, applied: AppliedSite, blobs: Blobs
) -> Sequence[tuple[datetime, MessageContent]]:
    """What somebody wrote down of a paper at the counter."""
    opened = item.opened
    if opened.arrival_id is not None or opened.pli is None or item.destroyed:
        return []
    at = labels_fr.moment(opened.recorded_at, applied.site.zone)
    head = ("", "saisi", "au guichet", at)
    return [(opened.recorded_at, await _read(head, opened.pli, blobs, applied.site.zone))]


def _composed(sheet: ItemSheet) -> Sequence[NoticeOrdered]:
    """Orders that stand and bring their own text."""
    return [fact for fact in standing(sheet.facts) if isinstance(fact, NoticeOrdered) and fact.pli]


async def _wrote(
    order: NoticeOrdered, notices: Sequence[Notice], applied: AppliedSite, blobs: Blobs
) -> tuple[datetime, MessageContent]:
    at = labels_fr.moment(order.happened_at, applied.site.zone)
    head = ("", labels_fr.NOTICES[order.kind], "écrit au registre", at)
    pli = None if order.pli is None else await _pli(blobs, order.pli)
    if pli is None:
        content = MessageContent(
            *head, lost="Le texte n’est pas disponible en ce moment.", ours=True
        )
    else:
        enclosed = tuple(
            (file.name, size_of(file.size), f"envoye/{order.seq}/{number}")
            for number, file in enumerate(pli.enclosures)
        )
        content = MessageContent(
            *head,
            subject=pli.subject,
            text=pli.text,
            ours=True,
            enclosed=enclosed,
            copies=tuple(_copies(order, pli, notices, applied)),
        )
    return order.happened_at, content


def _copies(
    order: NoticeOrdered, pli: Pli, notices: Sequence[Notice], applied: AppliedSite
) -> Iterator[LetterCopy]:
    told = {notice.notice_id: notice for notice in notices}
    for number, address in enumerate(pli.copies, 1):
        notice_id = ids.copy_notice_id(applied.site.identity.id, order.event_id, number)
        notice = told.get(notice_id)
        at = "" if notice is None else labels_fr.moment(notice.at, applied.site.zone)
        state = None if notice is None else notice.state
        yield LetterCopy(notice_id, address, delivery_words.copy_state(state, at))


async def _came(
    one: ArrivalAppearance, item: Item, applied: AppliedSite, blobs: Blobs, turns: Turns
) -> tuple[datetime, MessageContent]:
    what, received = (
        labels_fr.APPEARANCES[one.word],
        labels_fr.moment(one.received_at, applied.site.zone),
    )
    head = (str(one.arrival_id), what, labels_fr.source(one.source), received)
    content = await _content(head, one, item, blobs, applied.site.zone)
    if content.paper.total:
        document = digest_of(one.original)
        paper = replace(content.paper, document=document, turns=turns.get(document, {}))
        content = replace(content, paper=paper)
    return one.received_at, content


async def _content(
    head: tuple[str, str, str, str],
    one: ArrivalAppearance,
    item: Item,
    blobs: Blobs,
    zone: tzinfo,
) -> MessageContent:
    if one.word is Disposition.COPY:
        return MessageContent(*head)
    if one.erased_at is not None or one.arrival_id in item.gone or item.destroyed:
        return MessageContent(
            *head, lost="Ce document a été retiré ; son empreinte reste dans la preuve."
        )
    if one.pli is None:
        return MessageContent(
            *head, lost="Ce message n’a pas pu être lu ; l’original est conservé."
        )
    if one.word is Disposition.DEPARTURE:
        return replace(await _read(head, one.pli, blobs, zone), ours=True)
    message = next((m for m in item.messages if m.arrival_id == one.arrival_id), None)
    return await _read(head, one.pli, blobs, zone, 0 if message is None else message.seq)


async def _read(
    head: tuple[str, str, str, str], key: BlobKey, blobs: Blobs, zone: tzinfo, splits: int = 0
) -> MessageContent:
    pli = await _pli(blobs, key)
    if pli is None:
        return MessageContent(*head, lost="Le contenu n’est pas disponible en ce moment.")
    return MessageContent(
        *head,
        subject=pli.subject,
        sender=_sender(pli),
        signatures=signature_words.of_pli(pli, zone),
        text=pli.text if pli.kind != "scan" else "",
        quoted=pli.quoted,
        html="" if pli.text else clean_html(pli.html),
        paper=paper_of(pli.scan, MOST_PAGES),
        files=files_of(pli),
        splits=splits,
    )


def files_of(pli: Pli) -> tuple[File, ...]:
    """Returns the attachments of a pli, as lists below its message show them."""
    return tuple(
        File(
            file.name or "sans nom",
            size_of(file.size),
            n,
            file.unlooked,
            file.text,
            attachment_words.unread(file.unread),
            file.virus,
            file.too_large,
        )
        for n, file in enumerate(pli.attachments)
    )


async def _pli(blobs: Blobs, key: BlobKey) -> Pli | None:
    try:
        return await plis.read(blobs, key)
    except VaguemestreError:
        return None


def _sender(pli: Pli) -> str:
    who = pli.on_behalf or pli.sender
    return " — ".join(part for part in (who.name, who.address) if part)


def size_of(octets: int) -> str:
    """Formats a file size: « 12 ko », « 1,5 Mo »."""
    kilo = 1024
    if octets < kilo * kilo:
        return f"{max(1, octets // kilo)} ko"
    return f"{octets / kilo / kilo:.1f} Mo".replace(".", ",")
