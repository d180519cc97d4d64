"""What an antivirus finds in what is attached: infected, it stays shut; away, all is kept."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.ingest import attachment_job, attachment_queue, attachment_reader
from services.ingest.attachment_job import AttachmentJob
from services.ingest.attachment_reader import AttachmentReader
from services.ingest.domain.attachments import AttachedTexts
from shared.content import plis, spool
from shared.content.blobs import LocalBlobs
from shared.content.plis import Attachment
from shared.content.spool import UploadDeposit
from shared.facts.arrivals import ARRIVALS, ArrivalReread, Arrived
from shared.facts.envelope import PersonId
from shared.facts.observations import ReadAttachments
from shared.facts.vocabulary import AttachmentReading, Channel
from shared.platform.antivirus import Antivirus, AntivirusVerdict, Clamd, Unlooked
from shared.platform.database import open_pool, transaction
from tests import attached_files as made
from tests.attached_files import body, part
from tests.fake_clamd import EICAR, SIGNATURE, FakeAntivirus, clamd
from tests.ingest_builders import a_multipart
from tests.integration.ingest.door import NOW, Door, a_reread
from tests.local_mails import LocalMailParser

LETTER = "Je forme un recours gracieux."
LOGO = part("logo.png", b"\x89PNG\r\n\x1a\n" + b"x" * 5_000, "image/png")
ENCLOSED = body("Veuillez trouver ma lettre ci-jointe.")
WITH_A_LETTER = a_multipart(ENCLOSED, part("lettre.docx", made.docx(LETTER)), LOGO)
INFECTED = a_multipart(ENCLOSED, part("facture.docx", EICAR), part("a.docx", made.docx(LETTER)))
WITH_A_LOGO = a_multipart(body("Bonjour, où en est mon titre de séjour ?"), LOGO)


class Silent(FakeAntivirus):
    """An antivirus that is never to be asked."""

    async def look(self, content: bytes) -> AntivirusVerdict:
        raise AssertionError(len(content))


class Away(FakeAntivirus):
    """An antivirus that answers an empty stream, and of files those alone that hold a virus."""

    def __init__(self, *, knows: bool = False) -> None:
        self.knows, self.asked = knows, 0

    async def look(self, content: bytes) -> AntivirusVerdict:
        self.asked += bool(content)
        if content and not (self.knows and EICAR in content):
            return Unlooked("it hangs", away=True)
        return await super().look(content)


class Hung(FakeAntivirus):
    """An antivirus that never answers."""

    async def look(self, content: bytes) -> AntivirusVerdict:
        await asyncio.Event().wait()
        return await super().look(content)


@pytest.fixture
async def door(postgres_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    pool = await open_pool(SecretStr(postgres_url), "tests", size=4)
    one = Door(pool, tmp_path, antivirus=FakeAntivirus())
    one.rules = replace(one.rules, antivirus=True)
    yield one
    await pool.close()


def a_job(door: Door, reader: AttachmentReader) -> AttachmentJob:
    return AttachmentJob(
        door.pool, LocalBlobs(door.folder / "blobs"), door.clock, lambda: door.rules,
        LocalMailParser(), reader, url=SecretStr(""),
    )  # fmt: skip


async def read(door: Door, antivirus: Antivirus | None) -> bool:
    """Whether there was a mail in the queue, whose attachments were looked at and read."""
    reader = AttachmentReader(None, antivirus=antivirus)
    try:
        return await a_job(door, reader).read_next()
    finally:
        reader.close()


class LooksAlone(AttachmentReader):
    """Readers that look for viruses and must read nothing."""

    async def read(self, octets: bytes, wanted: Sequence[Attachment]) -> AttachedTexts:
        raise AssertionError((len(octets), wanted))


async def told(door: Door) -> list[Arrived | ArrivalReread]:
    rows = await door.pool.fetch("SELECT payload FROM ingest.outbox ORDER BY id")
    facts = [ARRIVALS.validate_json(row["payload"]) for row in rows]
    return [fact for fact in facts if isinstance(fact, Arrived | ArrivalReread)]


async def files(door: Door, fact: Arrived | ArrivalReread) -> tuple[Attachment, ...]:
    assert fact.pli is not None
    return (await plis.read(LocalBlobs(door.folder / "blobs"), fact.pli)).attachments


def marks(found: tuple[Attachment, ...]) -> list[tuple[bool, str]]:
    return [(file.unlooked, file.virus) for file in found]


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


async def called_back(door: Door, antivirus: Antivirus, *, later: bool = True) -> bool:
    """Whether a mail was called back and looked at; `later`: a day after the last time."""
    if later:
        await door.pool.execute(
            "UPDATE ingest.attachment_readings SET taken_at = taken_at - interval '1 day'"
        )
    reader = LooksAlone(None, antivirus=antivirus)
    try:
        job = a_job(door, reader)
        await job.call_back()
        return await job.read_next()
    finally:
        reader.close()


async def test_a_virus_that_was_found_stays_known_and_is_told_once(door: Door) -> None:
    await door.receive(INFECTED)
    assert await read(door, Away(knows=True))
    *_, first = await told(door)
    assert marks(await files(door, first)) == [(False, SIGNATURE), (True, "")]
    assert await called_back(door, Away())
    assert await called_back(door, Away())
    assert len(await told(door)) == 2, "its pli says all of it already"
    assert await called_back(door, FakeAntivirus())
    *_, last = await told(door)
    assert marks(await files(door, last)) == [(False, SIGNATURE), (False, "")]


async def test_a_known_virus_is_not_opened_by_a_second_reading_while_the_antivirus_is_away(
    door: Door,
) -> None:
    arrival = await door.receive(INFECTED)
    assert await read(door, FakeAntivirus())
    await door.ask(a_reread(arrival))
    assert await read(door, Away())
    *_, last = await told(door)
    assert isinstance(last, ArrivalReread)
    assert last.attachments == ReadAttachments(read=1, unread=1)
    infected, letter = await files(door, last)
    assert (infected.virus, infected.unread, infected.text) == (SIGNATURE, "infected", "")
    assert (letter.virus, letter.unlooked, letter.text) == ("", True, LETTER)


async def test_a_mail_that_ends_its_process_keeps_its_known_virus(door: Door) -> None:
    arrival = await door.receive(INFECTED)
    assert await read(door, FakeAntivirus())
    await door.ask(a_reread(arrival))
    await door.pool.execute("UPDATE ingest.attachment_readings SET tries = 2")
    assert await read(door, Silent())
    *_, last = await told(door)
    assert isinstance(last, ArrivalReread)
    found = await files(door, last)
    assert marks(found) == [(False, SIGNATURE), (False, "")]
    assert [file.unread for file in found] == ["infected", "ends-its-reader"]


async def test_a_mail_at_which_the_antivirus_never_can_look_is_called_back_ever_more_seldom(
    door: Door,
) -> None:
    await door.receive(WITH_A_LETTER)
    assert await read(door, Away())
    assert await called_back(door, Away(), later=False)
    assert not await called_back(door, Away(), later=False), "it waits a minute, then three"
    calls = 1
    while await called_back(door, Away()):
        calls += 1
        assert calls <= attachment_job.MOST_CALLS
    assert calls == attachment_job.MOST_CALLS
    assert await door.pool.fetchval("SELECT count(*) FROM ingest.attachment_readings") == 0
    *_, last = await told(door)
    assert marks(await files(door, last)) == [(True, ""), (True, "")]


async def test_the_antivirus_looks_once_at_what_it_has_looked_at(door: Door) -> None:
    await door.receive(INFECTED)
    assert await read(door, Away(knows=True))
    again = Away()
    assert await called_back(door, again)
    assert again.asked == 1


async def test_what_comes_is_read_before_what_is_called_back_and_waits_alone(door: Door) -> None:
    await door.receive(WITH_A_LETTER)
    assert await read(door, Away())
    await door.pool.execute("UPDATE ingest.attachment_readings SET later = false")
    async with transaction(door.pool) as connection:
        assert (await attachment_queue.waiting(connection)).mails == 0, "it was read"
    fresh = await door.receive(WITH_A_LETTER.replace(b"<un@orange.example>", b"<deux@o.example>"))
    async with transaction(door.pool) as connection:
        assert (await attachment_queue.waiting(connection)).mails == 1
        taken = await attachment_queue.take(connection, "", door.clock.now())
    assert taken is not None
    assert taken.arrival_id == fresh


async def test_an_antivirus_that_hangs_is_away(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachment_reader, "LOOKS_SECONDS", 0.1)
    await door.receive(WITH_A_LETTER)
    assert await read(door, Hung())
    assert await called_back(door, FakeAntivirus())
    *_, last = await told(door)
    assert marks(await files(door, last)) == [(False, ""), (False, "")]
