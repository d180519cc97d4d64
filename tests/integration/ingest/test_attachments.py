"""What is attached is read apart from its mailbox, told once, and said of where it can't be."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.ingest import attachment_job, attachment_queue
from services.ingest.attachment_job import AttachmentJob
from services.ingest.attachment_queue import WaitingMails
from services.ingest.attachment_reader import AttachmentReader
from services.ingest.domain.attachments import AttachedTexts, AttachmentText
from services.ingest.domain.rules import rules
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Attachment
from shared.errors import TemporaryFailure
from shared.facts.arrivals import ARRIVALS, ArrivalReread, Arrived
from shared.facts.envelope import BlobKey
from shared.facts.observations import ReadAttachments
from shared.facts.vocabulary import AttachmentReading, Nature
from shared.platform.database import open_pool, transaction
from shared.site.tables.routing import Condition, RoutingOutcome, Rule
from tests import attached_files as made
from tests.attached_files import body, part
from tests.ingest_builders import SECRET, a_mail, a_multipart, indre
from tests.integration.ingest.door import NOW, Door, a_reread
from tests.local_mails import LocalMailParser

LETTER = "Je forme un recours gracieux.\nJe veux mourir."
LEANING = a_multipart(
    body("Veuillez trouver ma lettre ci-jointe."), part("lettre.docx", made.docx(LETTER))
)


class Readers(AttachmentReader):
    """Readers that do what a test asks of them, without a process."""

    def __init__(self, *answers: str | BaseException) -> None:
        super().__init__(None)
        self.answers = list(answers)
        self.asked = 0

    async def read(self, octets: bytes, wanted: Sequence[Attachment]) -> AttachedTexts:
        assert octets
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return AttachedTexts({file.part: AttachmentText(answer) for file in wanted})


@pytest.fixture
async def door(postgres_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    pool = await open_pool(SecretStr(postgres_url), "tests", size=4)
    yield Door(pool, tmp_path)
    await pool.close()


def job(
    door: Door, reader: AttachmentReader, instance: str | None = None, url: str = ""
) -> AttachmentJob:
    blobs = LocalBlobs(door.folder / "blobs")
    return AttachmentJob(
        door.pool,
        blobs,
        door.clock,
        lambda: door.rules,
        LocalMailParser(),
        reader,
        url=SecretStr(url),
        instance=instance,
    )


async def told(door: Door) -> list[Arrived | ArrivalReread]:
    rows = await door.pool.fetch("SELECT payload FROM ingest.outbox ORDER BY id")
    facts = [ARRIVALS.validate_json(row["payload"]) for row in rows]
    return [fact for fact in facts if isinstance(fact, Arrived | ArrivalReread)]


@asynccontextmanager
async def running(reading: AttachmentJob) -> AsyncIterator[None]:
    task = asyncio.ensure_future(reading.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until_told(door: Door, facts: int) -> None:
    async with asyncio.timeout(120):
        while len(await told(door)) < facts:  # noqa: ASYNC110  (another process wrote it)
            await asyncio.sleep(0.05)


async def texts(door: Door, key: BlobKey | None) -> list[str]:
    assert key is not None
    pli = await plis.read(LocalBlobs(door.folder / "blobs"), key)
    return [file.text for file in pli.attachments]


async def test_a_letter_in_a_file_is_read_by_a_child_and_told_as_the_next_revision(
    door: Door,
) -> None:
    await door.receive(LEANING)
    reader = AttachmentReader(None)
    try:
        assert await job(door, reader).read_next()
        assert not await job(door, reader).read_next()
    finally:
        reader.close()

    first, second = await told(door)
    assert (first.reading, first.routing.danger) == (AttachmentReading.AWAITED, False)
    assert isinstance(second, ArrivalReread)
    assert (second.arrival_id, second.revision) == (first.arrival_id, 2)
    assert second.attachments == ReadAttachments(read=1, unread=0)
    assert (second.routing.danger, second.routing.nature) == (True, Nature.APPEAL)
    assert second.pli is not None
    pli = await plis.read(LocalBlobs(door.folder / "blobs"), second.pli)
    assert [file.text for file in pli.attachments] == [LETTER]
    assert first.pli is not None
    before = await plis.read(LocalBlobs(door.folder / "blobs"), first.pli)
    assert [file.text for file in before.attachments] == [""]


async def test_how_many_mails_wait_for_a_reader_and_since_when_is_counted(door: Door) -> None:
    async with transaction(door.pool) as connection:
        assert await attachment_queue.waiting(connection) == WaitingMails(0, None)
    await door.receive(LEANING)
    await door.receive(LEANING.replace(b"<un@orange.example>", b"<deux@orange.example>"))
    async with transaction(door.pool) as connection:
        assert await attachment_queue.waiting(connection) == WaitingMails(2, NOW)


async def test_a_mail_without_files_asks_no_reader(door: Door) -> None:
    await door.receive(a_mail())
    assert not await job(door, Readers()).read_next()


async def test_a_mail_shown_twice_is_read_once(door: Door) -> None:
    await door.receive(LEANING)
    await door.receive(LEANING)
    readers = Readers(LETTER)
    while await job(door, readers).read_next():
        pass
    assert (readers.asked, len(await told(door))) == (1, 2)


async def test_a_process_killed_while_it_reads_loses_nothing_and_tells_once(
    door: Door, postgres_url: str
) -> None:
    await door.receive(LEANING)
    async with transaction(door.pool) as connection:  # taken, and then nothing more: kill -9
        assert await attachment_queue.take(connection, "un", door.clock.now()) is not None
    other = job(door, Readers(LETTER), "deux")
    assert not await other.read_next()  # it may still be read there
    again = job(door, Readers(LETTER), "un", postgres_url)
    async with running(again):
        await until_told(door, 2)
    assert not await other.read_next()
    assert [type(fact) for fact in await told(door)] == [Arrived, ArrivalReread]


async def test_a_mail_is_read_when_it_is_told_and_not_when_the_queue_is_looked_at_next(
    door: Door, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachment_job, "POLL_SECONDS", 3600.0)
    async with running(job(door, Readers(LETTER, LETTER), url=postgres_url)):
        await door.receive(LEANING)
        await until_told(door, 2)
        await door.receive(LEANING.replace(b"<un@orange.example>", b"<deux@orange.example>"))
        await until_told(door, 4)


async def test_files_that_end_the_process_twice_stay_unread_and_say_so(door: Door) -> None:
    await door.receive(LEANING)
    for _ in range(2):
        async with transaction(door.pool) as connection:
            assert await attachment_queue.take(connection, "", door.clock.now()) is not None
            await attachment_queue.release(connection, "")
    readers = Readers()
    assert await job(door, readers).read_next()
    assert readers.asked == 0
    _, second = await told(door)
    assert isinstance(second, ArrivalReread)
    assert second.attachments == ReadAttachments(read=0, unread=1)
    assert second.pli is not None
    pli = await plis.read(LocalBlobs(door.folder / "blobs"), second.pli)
    assert [file.unread for file in pli.attachments] == ["ends-its-reader"]


async def test_readers_that_are_away_are_no_fault_of_the_mail(door: Door) -> None:
    await door.receive(LEANING)
    readers = Readers(*(TemporaryFailure("no process") for _ in range(4)), LETTER)
    for _ in range(4):
        with pytest.raises(TemporaryFailure):
            await job(door, readers).read_next()
    assert await job(door, readers).read_next()
    _, second = await told(door)
    assert second.routing.danger


async def test_a_fault_of_ours_costs_its_mail_and_not_the_next(door: Door) -> None:
    await door.receive(LEANING)
    await door.receive(LEANING.replace(b"<un@orange.example>", b"<deux@orange.example>"))
    readers = Readers(ValueError("x"), ValueError("x"), LETTER)
    working = job(door, readers)
    while await working.read_next():
        pass
    second = [fact for fact in await told(door) if isinstance(fact, ArrivalReread)]
    assert sorted(fact.routing.danger for fact in second) == [False, True]


async def test_a_persons_rereading_judges_a_mail_with_what_was_read_in_its_files(
    door: Door,
) -> None:
    arrival = await door.receive(LEANING)
    readers = Readers(LETTER)
    assert await job(door, readers).read_next()
    await door.ask(a_reread(arrival))
    assert not await job(door, readers).read_next()  # all of it is read

    *_, again = await told(door)
    assert isinstance(again, ArrivalReread)
    assert (again.revision, again.by, again.reading) == (3, "person:m.durand", None)
    assert (again.routing.danger, again.routing.nature) == (True, Nature.APPEAL)
    assert await texts(door, again.pli) == [LETTER]
    kept = await door.pool.fetchrow("SELECT pli, revision FROM ingest.arrivals")
    assert tuple(kept or ()) == (again.pli, 3)


async def test_what_nobody_has_read_yet_is_read_after_a_persons_rereading(door: Door) -> None:
    arrival = await door.receive(LEANING)
    await door.pool.execute("DELETE FROM ingest.attachment_readings")  # as kept by an older ingest
    await door.ask(a_reread(arrival))
    assert await job(door, Readers(LETTER)).read_next()
    _, again, read = await told(door)
    assert (again.reading, again.routing.danger) == (AttachmentReading.AWAITED, False)
    assert isinstance(read, ArrivalReread)
    assert (read.revision, read.routing.danger) == (3, True)
    assert read.attachments == ReadAttachments(read=1, unread=0)


class Meanwhile(Readers):
    """Readers during whose reading something else happens."""

    def __init__(self, happens: Callable[[], Awaitable[object]]) -> None:
        super().__init__(LETTER)
        self._happens = happens

    async def read(self, octets: bytes, wanted: Sequence[Attachment]) -> AttachedTexts:
        await self._happens()
        return await super().read(octets, wanted)


async def test_a_mail_judged_again_while_its_files_are_read_has_both_revisions(door: Door) -> None:
    arrival = await door.receive(LEANING)
    assert await job(door, Meanwhile(lambda: door.ask(a_reread(arrival)))).read_next()
    first, asked, read = await told(door)
    assert isinstance(asked, ArrivalReread)
    assert isinstance(read, ArrivalReread)
    assert (first.reading, asked.revision, asked.by) == (
        AttachmentReading.AWAITED, 2, "person:m.durand",
    )  # fmt: skip
    assert (read.revision, read.attachments) == (3, ReadAttachments(read=1, unread=0))
    assert await door.pool.fetchval("SELECT revision FROM ingest.arrivals") == 3
    assert not await job(door, Readers()).read_next()


async def test_what_another_process_told_of_a_mails_files_meanwhile_is_not_told_again(
    door: Door,
) -> None:
    await door.receive(LEANING)
    away = "DELETE FROM ingest.attachment_readings"
    assert await job(door, Meanwhile(lambda: door.pool.execute(away))).read_next()
    assert len(await told(door)) == 1
    assert await door.pool.fetchval("SELECT revision FROM ingest.arrivals") == 1


async def test_files_that_could_not_be_read_are_tried_again_when_a_person_asks(door: Door) -> None:
    arrival = await door.receive(LEANING)
    for _ in range(2):
        async with transaction(door.pool) as connection:
            assert await attachment_queue.take(connection, "", door.clock.now()) is not None
            await attachment_queue.release(connection, "")
    assert await job(door, Readers()).read_next()
    await door.ask(a_reread(arrival))
    assert await job(door, Readers(LETTER)).read_next()
    *_, read = await told(door)
    assert await texts(door, read.pli) == [LETTER]


async def test_the_row_says_what_was_told_after_its_files_were_read(door: Door) -> None:
    site = indre()
    ads = Rule(
        id="publicite-jointe",
        when=Condition(words=("je forme un recours",)),
        then=RoutingOutcome(set_aside="advertising"),
    )
    table = site.routing.model_copy(update={"rules": (ads, *site.routing.rules)})
    await door.receive(LEANING)
    door.rules = rules(site.model_copy(update={"routing": table}), SECRET)
    assert await job(door, Readers(LETTER)).read_next()
    *_, read = await told(door)
    assert read.verdict.model_dump() == {"kind": "set_aside", "reason": "advertising"}
    kept = await door.pool.fetchrow(
        "SELECT kind, reason, fingerprint, message, revision FROM ingest.arrivals"
    )
    assert tuple(kept or ()) == ("set_aside", "advertising", read.fingerprint, read.message, 2)
