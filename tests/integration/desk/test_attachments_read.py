"""What is read in attached files reaches the item: text, alert, hold; a person's word stays."""

from datetime import timedelta
from typing import Any
from uuid import uuid5

from services.desk.handlers.arrivals import hears_arrivals
from shared.facts.arrival_base import TokenThread
from shared.facts.arrivals import ArrivalReread, Arrivals, Arrived
from shared.facts.envelope import BlobKey, Chrono, EventId, ServiceId
from shared.facts.items import ITEMS
from shared.facts.observations import ReadAttachments
from shared.facts.vocabulary import AttachmentReading, Category, Confidentiality, Nature, NoticeKind
from shared.platform.database import Pool, transaction
from tests.desk_builders import (
    MONDAY,
    SPACE,
    a_scanned_departure,
    an_applied_site,
    an_arrival,
    blob,
    certain,
    proposed,
    rules,
)

HEAR = hears_arrivals(rules)
NOW = MONDAY + timedelta(minutes=1)
TEXT = blob("pli with the text of its attachments")


async def hear(pool: Pool, *batch: Arrivals) -> None:
    async with transaction(pool) as connection:
        assert not await HEAR(connection, batch, NOW)


async def told(pool: Pool) -> list[Any]:
    rows = await pool.fetch("SELECT payload FROM desk.outbox ORDER BY id")
    return [ITEMS.validate_json(row["payload"]) for row in rows]


def leaning(name: str = "a", **fields: Any) -> Arrived:
    return an_arrival(name, reading=AttachmentReading.AWAITED, **fields)


def reread(arrival: Arrived, revision: int = 2, pli: BlobKey = TEXT, **kw: Any) -> ArrivalReread:
    fields = arrival.model_dump(exclude={"type", "reading"}) | {
        "event_id": EventId(uuid5(SPACE, f"{arrival.arrival_id} {revision}")),
        "revision": revision,
        "pli": pli,
        "attachments": ReadAttachments(read=1, unread=1),
        **kw,
    }
    return ArrivalReread.model_validate(fields)


async def test_of_a_mail_whose_files_hold_no_text_the_pli_alone_changes(pool: Pool) -> None:
    """An antivirus looked at a logo: nothing was read, and the item's past says nothing of it."""
    arrival = leaning("logo", routing=certain())
    await hear(pool, arrival)
    before = await told(pool)
    await hear(pool, reread(arrival, attachments=ReadAttachments(read=0)))
    assert await told(pool) == before
    row = await pool.fetchrow("SELECT pli, revision FROM desk.arrivals")
    assert tuple(row or ()) == (TEXT, 2)


async def test_what_is_added_to_a_reserved_letter_is_read_by_no_one_else(pool: Pool) -> None:
    complaint = certain(service="dre", confidentiality=Confidentiality.RESERVE)
    await hear(pool, an_arrival("complaint", routing=complaint))
    await hear(pool, a_scanned_departure("36-2026-A-000001", NoticeKind.REPLY))
    token = (TokenThread(chrono=Chrono("36-2026-A-000001")),)
    words = proposed("association", agent="k.lefevre", nature=Nature.COMPLAINT)
    added = leaning("not answered", routing=words, threads=token)
    await hear(pool, added)
    await hear(pool, reread(added, routing=an_appeal()))

    first, second = await pool.fetch(
        "SELECT confidentiality, service, agent, informed, state FROM desk.items ORDER BY chrono"
    )
    assert (first["state"], second["state"]) == ("answered", "to_qualify")
    assert [second[name] for name in ("confidentiality", "service", "agent", "informed")] == [
        "reserve", "dre", None, first["informed"],
    ]  # fmt: skip


def an_appeal(**fields: Any) -> Any:
    return proposed("recours", nature=Nature.APPEAL, danger=True, **fields)


async def test_the_item_says_what_was_read_and_takes_the_rules_new_proposal(pool: Pool) -> None:
    arrival = leaning()
    await hear(pool, arrival)
    await hear(pool, reread(arrival, routing=an_appeal()))

    registered, _, read, reclassified, assigned = await told(pool)
    assert registered.reading is AttachmentReading.AWAITED
    assert (read.type, read.seq, read.danger, read.hold, read.unread) == (
        "AttachmentsRead",
        3,
        True,
        "appeal",
        1,
    )
    assert read.pli == TEXT
    assert reclassified.classification.nature is Nature.APPEAL
    assert (reclassified.by, assigned.by) == ("rule:words", "rule:words")
    assert assigned.service == rules_legal_office()
    row = await pool.fetchrow("SELECT pli, revision, word FROM desk.arrivals")
    assert tuple(row or ()) == (TEXT, 2, "item")
    assert await pool.fetchval("SELECT state FROM desk.items") == "to_qualify"


def rules_legal_office() -> ServiceId:
    return ServiceId(an_applied_site().site.identity.legal_office)


async def test_told_twice_or_in_one_batch_it_is_stated_once(pool: Pool) -> None:
    arrival = leaning()
    again = reread(arrival)
    await hear(pool, arrival, again)
    await hear(pool, again)
    assert [fact.type for fact in await told(pool)] == [
        "ItemRegistered",
        "WaitStarted",
        "AttachmentsRead",
    ]


async def test_what_was_sorted_stays_sorted(pool: Pool) -> None:
    arrival = leaning(routing=certain())
    await hear(pool, arrival)
    await hear(pool, reread(arrival, routing=an_appeal()))
    _, read = await told(pool)
    assert (read.type, read.danger, read.hold) == ("AttachmentsRead", True, "appeal")
    row = await pool.fetchrow("SELECT service, nature, category FROM desk.items")
    assert row is not None
    assert (row["nature"], row["category"]) == ("unknown", Category("titre-de-sejour"))


async def test_danger_that_alerted_by_its_own_words_alerts_no_second_time(pool: Pool) -> None:
    arrival = leaning(routing=proposed(danger=True))
    await hear(pool, arrival)
    await hear(pool, reread(arrival, routing=an_appeal()))
    read = next(fact for fact in await told(pool) if fact.type == "AttachmentsRead")
    assert not read.danger


async def test_a_later_message_is_read_too_and_holds_nothing_of_its_item(pool: Pool) -> None:
    first = an_arrival("a")
    second = leaning("b", at=MONDAY + timedelta(seconds=30), threads=answering(first))
    await hear(pool, first)
    await hear(pool, second)
    await hear(pool, reread(second, routing=an_appeal()))
    read = (await told(pool))[-1]
    assert (read.type, read.danger, read.hold) == ("AttachmentsRead", True, None)
    assert await pool.fetchval("SELECT pli FROM desk.arrivals WHERE word = 'message'") == TEXT


def answering(arrival: Arrived) -> Any:
    return [{"kind": "references", "messages": [arrival.message]}]
