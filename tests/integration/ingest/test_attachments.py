"""What is attached is read apart from its mailbox, told once, and said of where it can't be."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.ingest import attachment_queue
from services.ingest.attachment_job import AttachmentJob
from services.ingest.attachment_reader import AttachmentReader
from services.ingest.domain.attachments import AttachedTexts, AttachmentText
from services.ingest.mail_parser import LocalMailParser
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Attachment
from shared.errors import TemporaryFailure
from shared.facts.arrivals import ARRIVALS, ArrivalReread, Arrived
from shared.facts.observations import ReadAttachments
from shared.facts.vocabulary import AttachmentReading, Nature
from shared.platform.database import open_pool, transaction
from tests import attached_files as made
from tests.attached_files import body, part
from tests.ingest_builders import a_mail, a_multipart, indre_rules
from tests.integration.ingest.door import Door

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


def job(door: Door, reader: AttachmentReader, instance: str | None = None) -> AttachmentJob:
    blobs = LocalBlobs(door.folder / "blobs")
    return AttachmentJob(
        door.pool, blobs, door.clock, indre_rules, LocalMailParser(), reader, instance
    )


async def told(door: Door) -> list[Arrived | ArrivalReread]:
    rows = await door.pool.fetch("SELECT payload FROM ingest.outbox ORDER BY id")
    facts = [ARRIVALS.validate_json(row["payload"]) for row in rows]
    return [fact for fact in facts if isinstance(fact, Arrived | ArrivalReread)]


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


async def test_a_process_killed_while_it_reads_loses_nothing_and_tells_once(door: Door) -> None:
    await door.receive(LEANING)
    async with transaction(door.pool) as connection:  # taken, and then nothing more: kill -9
        assert await attachment_queue.take(connection, "un", door.clock.now()) is not None
    other = job(door, Readers(LETTER), "deux")
    assert not await other.read_next()  # it may still be read there
    again = job(door, Readers(LETTER), "un")
    running = asyncio.ensure_future(again.run())
    try:
        async with asyncio.timeout(120):
            while len(await told(door)) < 2:  # noqa: ASYNC110  (another process wrote it)
                await asyncio.sleep(0.05)
    finally:
        running.cancel()
    assert not await other.read_next()
    assert [type(fact) for fact in await told(door)] == [Arrived, ArrivalReread]


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
