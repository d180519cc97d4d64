"""`/api/v1/items/CHRONO`: one item, its deadlines explained, its messages, its originals."""

import asyncio
from dataclasses import replace
from uuid import UUID

from starlette.responses import Response

from services.desk.api.domain.keys import KeyScope
from services.desk.domain.clocks import ItemClock
from services.desk.domain.days import local_day
from services.desk.domain.disposition import Disposition
from services.desk.domain.item import ItemStatus
from services.desk.french import clock_count
from services.desk.french.clock_count import Count
from services.desk.french.versions import counted_by
from services.desk.pages.api.call import ApiCall
from services.desk.pages.api.documents import (
    ArrivalDocument,
    AttachmentDocument,
    ClockDocument,
    CountedDayDocument,
    ExplainedClockDocument,
    FactDocument,
    ItemClocksDocument,
    ItemDocument,
    ItemMessagesDocument,
    MessageDocument,
    NoticeDocument,
    OpinionDocument,
)
from services.desk.pages.api.endpoint import Endpoint, Query
from services.desk.pages.downloads import a_file
from services.desk.store.access_journal import What
from services.desk.store.sheets import ArrivalAppearance, ItemSheet
from shared.content import plis
from shared.content.blobs import Blobs
from shared.content.file_kinds import ending
from shared.errors import PermanentFailure, VaguemestreError
from shared.facts.envelope import BlobKey, Weight
from shared.facts.items.registration import ItemRegistered, SenderWroteAgain
from shared.facts.standing import withdrawn
from shared.facts.vocabulary import Confidentiality
from shared.web.problem_details import Problem


async def show_item(call: ApiCall, _: Query) -> ItemDocument:
    """Answers with all data of the item in the address, but the content of its messages."""
    return document(await call.item(), call)


async def clocks(call: ApiCall, _: Query) -> ItemClocksDocument:
    """Answers with each deadline of the item in the address, explained as its page does."""
    sheet = await call.item()
    applied = await counted_by(call.connection, call.applied, sheet)
    names = replace(await call.names(), hidden=sheet.hidden)
    counted = clock_count.counts(sheet, applied, names, call.today)
    return ItemClocksDocument(
        chrono=sheet.item.chrono, version=sheet.item.seq, clocks=list(map(_explained, counted))
    )


async def messages(call: ApiCall, _: Query) -> ItemMessagesDocument:
    """Answers with the content of the messages of the item in the address, and journals that.

    Copies, which have no content of their own, are left out.
    """
    sheet = await call.item()
    await call.note(What.READING, sheet.item.chrono)
    shown = [found for found in sheet.arrivals if found.word is not Disposition.COPY]
    async with call.apart():
        read = await asyncio.gather(*(_message(found, sheet, call.blobs) for found in shown))
    return ItemMessagesDocument(
        chrono=sheet.item.chrono, version=sheet.item.seq, messages=list(read)
    )


async def original(call: ApiCall, _: Query) -> Response:
    """Answers with an arrival's original file, byte for byte, and its SHA-256; journals that.

    Raises Problem when it is gone, or of another item.
    """
    sheet = await call.item()
    wanted: UUID = call.request.path_params["arrival"]
    found = next((row for row in sheet.arrivals if row.arrival_id == wanted), None)
    if found is None or _gone(found, sheet):
        raise Problem("not-found")
    await call.note(What.DOWNLOAD, sheet.item.chrono)
    async with call.apart():
        try:
            octets = await call.blobs.get(found.original)
        except PermanentFailure as error:
            raise Problem("not-found") from error
    answer = a_file(octets, f"{sheet.item.chrono}{ending(octets)}")
    answer.headers["x-content-sha256"] = _sha256(found.original)
    return answer


def document(sheet: ItemSheet, call: ApiCall) -> ItemDocument:
    """Makes the JSON document of an item, without what the key may not know of."""
    item = sheet.item
    said = item.classification
    return ItemDocument(
        chrono=item.chrono,
        version=item.seq,
        state=item.state,
        confirmed=item.state is not ItemStatus.TO_QUALIFY,
        channel=item.channel,
        category=said.category,
        nature=said.nature,
        priority=said.priority,
        perimeter=said.perimeter,
        reserved=said.confidentiality is not Confidentiality.NORMAL,
        service=item.service,
        copies=list(item.copies),
        agent=item.agent,
        signatory=item.signatory,
        received_on=local_day(item.receipt, call.applied.site.zone),
        provisional=item.provisional,
        waits=sorted(item.waits),
        pieces_until=item.pieces_until,
        holding_until=item.holding_until,
        answered_at=None if item.reply is None else item.reply.happened_at,
        closed=item.closed,
        merged_into=None if item.merged_chrono in sheet.hidden else item.merged_chrono,
        absorbed=[chrono for chrono in item.absorbed if chrono not in sheet.hidden],
        former=list(sheet.former),
        departures=list(sheet.departures),
        opinions=[
            OpinionDocument(fact=asked.seq, service=asked.service, until=asked.until)
            for asked in item.opinions
        ],
        clocks=[_clock(clock) for _, clock in sorted(sheet.clocks.items())],
        arrivals=[
            ArrivalDocument(
                arrival=found.arrival_id,
                what=found.word,
                source=found.source,
                received_at=found.received_at,
                sha256=_sha256(found.original),
                erased=_gone(found, sheet),
            )
            for found in sheet.arrivals
        ],
        notices=[
            NoticeDocument(
                notice=sent.notice_id, kind=sent.kind, way=sent.way, state=sent.state, at=sent.at
            )
            for sent in sheet.notices
        ],
        facts=_facts(sheet),
    )


def _facts(sheet: ItemSheet) -> list[FactDocument]:
    """The facts by number, save those that name an item of which the key may not know."""
    gone = withdrawn(sheet.facts)
    return [
        FactDocument(
            seq=fact.seq,
            fact=fact.type,
            happened_at=fact.happened_at,
            stands=fact.event_id not in gone,
            statement=fact.weight is Weight.STATEMENT,
            arrival=fact.arrival_id
            if isinstance(fact, ItemRegistered | SenderWroteAgain)
            else None,
        )
        for fact in sheet.facts
        if not sheet.hidden or sheet.hidden.isdisjoint(map(str, fact.model_dump().values()))
    ]


def _clock(clock: ItemClock) -> ClockDocument:
    return ClockDocument(
        clock=clock.clock,
        runs=clock.runs,
        limit=clock.limit,
        day_zero=clock.day_zero,
        commitment=clock.commitment,
        paused_since=clock.paused_since,
        paused_until=clock.paused_until,
        rungs=list(clock.rungs),
        outcome=clock.outcome,
        stopped_at=clock.stopped_at,
        raw=clock.raw,
        net=clock.net,
    )


def _explained(count: Count) -> ExplainedClockDocument:
    return ExplainedClockDocument(
        name=count.name,
        runs=count.runs,
        limit=count.limit,
        late=count.late,
        sentence=count.sentence,
        source=count.source,
        result=count.result,
        reasons=list(count.reasons),
        days=[
            CountedDayDocument(day=day.day, number=day.number, why=day.why, limit=day.limit)
            for day in count.days
        ],
        spans=list(count.spans),
    )


async def _message(found: ArrivalAppearance, sheet: ItemSheet, blobs: Blobs) -> MessageDocument:
    head = MessageDocument(
        arrival=found.arrival_id, what=found.word, received_at=found.received_at, available=False
    )
    if found.pli is None or _gone(found, sheet):
        return head
    try:
        pli = await plis.read(blobs, found.pli)
    except VaguemestreError:
        return head
    who = pli.on_behalf or pli.sender
    return head.model_copy(
        update={
            "available": True,
            "sender_name": who.name,
            "sender_address": who.address,
            "subject": pli.subject,
            "text": pli.text,
            "quoted": pli.quoted,
            "attachments": [
                AttachmentDocument(
                    name=file.name,
                    media_type=file.media_type,
                    size=file.size,
                    sha256=file.sha256,
                    text=file.text,
                )
                for file in pli.attachments
            ],
        }
    )


def _gone(found: ArrivalAppearance, sheet: ItemSheet) -> bool:
    """Whether the content of an arrival was withdrawn or destroyed."""
    item = sheet.item
    return found.erased_at is not None or found.arrival_id in item.gone or item.destroyed


def _sha256(key: BlobKey) -> str:
    return key.rpartition("/")[2]


ENDPOINTS = (
    Endpoint(
        "/items/{chrono}",
        show_item,
        KeyScope.ITEMS,
        "One item, without its content",
        "Un courrier, sans son contenu",
        ItemDocument,
        name="item_one",
    ),
    Endpoint(
        "/items/{chrono}/clocks",
        clocks,
        KeyScope.ITEMS,
        "Its deadlines, each explained in French",
        "Ses délais, chacun expliqué",
        ItemClocksDocument,
    ),
    Endpoint(
        "/items/{chrono}/messages",
        messages,
        KeyScope.CONTENT,
        "Its messages: senders, subjects, texts, attachments",
        "Ses messages : expéditeurs, objets, textes, pièces jointes",
        ItemMessagesDocument,
    ),
    Endpoint(
        "/items/{chrono}/originals/{arrival:uuid}",
        original,
        KeyScope.CONTENT,
        "The original of an arrival, byte for byte",
        "L’original d’une arrivée, octet pour octet",
        None,
    ),
)
