"""What an antivirus finds in what is attached: infected, it stays shut; away, all is kept."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.ingest.attachment_reader import AttachmentReader
from shared.content import spool
from shared.content.blobs import LocalBlobs
from shared.content.spool import UploadDeposit
from shared.facts.arrivals import ArrivalReread
from shared.facts.envelope import PersonId
from shared.facts.observations import ReadAttachments
from shared.facts.vocabulary import AttachmentReading, Channel
from shared.platform.antivirus import Clamd
from shared.platform.database import open_pool
from tests.attached_files import part
from tests.fake_clamd import EICAR, SIGNATURE, FakeAntivirus, clamd
from tests.ingest_builders import a_multipart
from tests.integration.ingest.antivirus_door import (
    ENCLOSED,
    INFECTED,
    LETTER,
    WITH_A_LETTER,
    WITH_A_LOGO,
    LooksAlone,
    Silent,
    a_job,
    files,
    marks,
    read,
    told,
)
from tests.integration.ingest.door import NOW, Door, a_reread


@pytest.fixture
async def door(postgres_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    pool = await open_pool(SecretStr(postgres_url), "tests", size=4)
    one = Door(pool, tmp_path, antivirus=FakeAntivirus())
    one.rules = replace(one.rules, antivirus=True)
    yield one
    await pool.close()


async def test_what_is_attached_is_unexamined_until_the_antivirus_has_looked(door: Door) -> None:
    await door.receive(WITH_A_LETTER)
    async with clamd() as address:
        assert await read(door, Clamd(address))
    first, second = await told(door)
    assert first.reading is AttachmentReading.AWAITED
    assert marks(await files(door, first)) == [(True, ""), (True, "")]
    assert isinstance(second, ArrivalReread)
    assert second.attachments == ReadAttachments(read=1)
    after = await files(door, second)
    assert marks(after) == [(False, ""), (False, "")]
    assert after[0].text == LETTER


async def test_an_infected_file_is_not_opened_and_counts_as_unread(door: Door) -> None:
    await door.receive(INFECTED)
    assert await read(door, FakeAntivirus())
    _, second = await told(door)
    assert isinstance(second, ArrivalReread)
    assert second.attachments == ReadAttachments(read=1, unread=1)
    infected, letter = await files(door, second)
    assert (infected.virus, infected.unread, infected.text) == (SIGNATURE, "infected", "")
    assert (letter.virus, letter.unread, letter.text) == ("", None, LETTER)
    assert second.original, "the original is kept, byte for byte"
    assert await LocalBlobs(door.folder / "blobs").get(second.original) == INFECTED


async def test_while_the_antivirus_is_away_all_is_read_and_marked(
    door: Door, tmp_path: Path
) -> None:
    await door.receive(WITH_A_LETTER)
    assert await read(door, Clamd(str(tmp_path / "nobody.ctl")))
    *_, marked = await told(door)
    assert isinstance(marked, ArrivalReread)
    assert marked.attachments == ReadAttachments(read=1)
    found = await files(door, marked)
    assert marks(found) == [(True, ""), (True, "")]
    assert found[0].text == LETTER


async def test_a_file_too_large_for_the_antivirus_is_read_and_says_so_once(door: Door) -> None:
    await door.receive(WITH_A_LETTER)
    async with clamd(says=lambda _: b"INSTREAM size limit exceeded. ERROR") as address:
        assert await read(door, Clamd(address))
        assert not await read(door, Clamd(address)), "nobody comes back for it"
    before, after = [await files(door, fact) for fact in await told(door)]
    assert [(file.unlooked, file.too_large) for file in before] == [(True, False)] * 2
    assert [(file.unlooked, file.too_large) for file in after] == [(True, True)] * 2
    assert after[0].text == LETTER


async def test_once_it_answers_again_the_antivirus_looks_and_nothing_is_read_twice(
    door: Door, tmp_path: Path
) -> None:
    await door.receive(WITH_A_LETTER)
    away = AttachmentReader(None, antivirus=Clamd(str(tmp_path / "nobody.ctl")))
    try:
        job = a_job(door, away)
        assert await job.read_next()
        assert not await job.read_next(), "it waits, and costs nothing meanwhile"
        await job.call_back()
        assert not await job.read_next(), "it is still away"
    finally:
        away.close()
    back = LooksAlone(None, antivirus=FakeAntivirus())
    try:
        job = a_job(door, back)
        await job.call_back()
        assert await job.read_next()
        assert not await job.read_next()
    finally:
        back.close()
    *_, looked = await told(door)
    assert isinstance(looked, ArrivalReread)
    assert (looked.revision, looked.attachments) == (3, ReadAttachments(read=0))
    found = await files(door, looked)
    assert marks(found) == [(False, ""), (False, "")]
    assert found[0].text == LETTER
    assert await door.pool.fetchval("SELECT count(*) FROM ingest.attachment_readings") == 0


async def test_a_virus_that_is_found_late_is_told_and_its_text_goes(
    door: Door, tmp_path: Path
) -> None:
    mail = a_multipart(ENCLOSED, part("a.txt", LETTER.encode() + b"\n" + EICAR))
    await door.receive(mail)
    assert await read(door, Clamd(str(tmp_path / "nobody.ctl")))
    back = LooksAlone(None, antivirus=FakeAntivirus())
    try:
        await a_job(door, back).call_back()
        assert await a_job(door, back).read_next()
    finally:
        back.close()
    *_, found = await told(door)
    assert isinstance(found, ArrivalReread)
    assert found.attachments == ReadAttachments(read=0, unread=1)
    (file,) = await files(door, found)
    assert (file.virus, file.unread, file.text) == (SIGNATURE, "infected", "")


async def test_whoever_asks_for_a_second_reading_has_it_looked_at_again(
    door: Door, tmp_path: Path
) -> None:
    arrival = await door.receive(WITH_A_LETTER)
    assert await read(door, Clamd(str(tmp_path / "nobody.ctl")))
    await door.ask(a_reread(arrival))
    assert await read(door, FakeAntivirus())
    *_, looked = await told(door)
    assert marks(await files(door, looked)) == [(False, ""), (False, "")]


async def test_a_file_that_is_not_worth_reading_is_looked_at_too(door: Door) -> None:
    await door.receive(WITH_A_LOGO)
    assert await read(door, FakeAntivirus())
    first, second = await told(door)
    assert first.reading is AttachmentReading.BESIDE, "its receipt waits for nothing"
    assert isinstance(second, ArrivalReread)
    assert second.attachments == ReadAttachments(read=0)
    assert marks(await files(door, second)) == [(False, "")]


async def test_where_nothing_was_read_nor_looked_at_nothing_is_told(
    door: Door, tmp_path: Path
) -> None:
    await door.receive(WITH_A_LOGO)
    assert await read(door, Clamd(str(tmp_path / "nobody.ctl")))
    assert len(await told(door)) == 1
    assert not await read(door, Silent())


async def test_what_does_not_enter_is_marked_and_not_looked_at(door: Door) -> None:
    await door.receive(
        a_multipart(ENCLOSED, part("a.docx", EICAR), headers={"List-Id": "<lettre.example>"})
    )
    assert not await read(door, Silent())
    (only,) = await told(door)
    assert only.verdict.kind == "set_aside"
    assert marks(await files(door, only)) == [(True, "")]


async def test_without_an_antivirus_nothing_is_marked(door: Door) -> None:
    door.rules = replace(door.rules, antivirus=False)
    await door.receive(WITH_A_LETTER)
    assert await read(door, None)
    for fact in await told(door):
        assert marks(await files(door, fact)) == [(False, ""), (False, "")]
    await door.receive(WITH_A_LOGO.replace(b"<un@orange.example>", b"<deux@orange.example>"))
    assert not await read(door, None)


@pytest.mark.parametrize(("octets", "verdict"), [(EICAR, "quarantine"), (b"PK...", "enter")])
async def test_what_is_handed_in_is_looked_at(door: Door, octets: bytes, verdict: str) -> None:
    upload = UploadDeposit(
        id=uuid4(), at=NOW, by=PersonId("m.durand"), channel=Channel.HAND_DELIVERED,
        files=(spool.spool_file("note.odt", "application/vnd.oasis", octets),),
    )  # fmt: skip
    await door.ask(upload, octets)
    (fact,) = await told(door)
    assert fact.verdict.kind == verdict
