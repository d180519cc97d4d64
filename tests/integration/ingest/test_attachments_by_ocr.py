"""A letter that is attached as a picture: from the mailbox to what is told, by the real OCR."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.ingest import attachment_reader
from services.ingest.attachment_job import AttachmentJob
from services.ingest.attachment_reader import AttachmentReader
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.word_places import placed_words
from shared.facts.arrivals import ARRIVALS, ArrivalReread
from shared.facts.observations import ReadAttachments
from shared.facts.vocabulary import Nature
from shared.platform.database import open_pool
from tests.ingest_builders import indre_rules
from tests.integration.ingest.door import Door
from tests.local_mails import LocalMailParser
from tests.moved_letters import BUSY, FORMS, MovedLetter, patient_reader, read_of, routing

LETTER = "Je forme un recours gracieux contre la décision du 3 mars.\nJe veux mourir."


@pytest.fixture
async def reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AttachmentReader]:
    monkeypatch.setattr(attachment_reader, "PATIENCE", float(BUSY))
    made, ocr = patient_reader(tmp_path)
    yield made
    await asyncio.to_thread(made.close)
    await ocr.close()


async def test_a_scan_attached_to_a_mail_alerts_and_is_held_as_if_it_were_written(
    postgres_url: str, tmp_path: Path, reader: AttachmentReader
) -> None:
    pool = await open_pool(SecretStr(postgres_url), "tests", size=4)
    try:
        door = Door(pool, tmp_path)
        blobs = LocalBlobs(tmp_path / "blobs")
        await door.receive(MovedLetter("Jeanne", "Courrier", LETTER, "scan.pdf").enclosed)
        job = AttachmentJob(
            pool, blobs, door.clock, indre_rules, LocalMailParser(), reader, url=SecretStr("")
        )
        assert await job.read_next()
        *_, row = await pool.fetch("SELECT payload FROM ingest.outbox ORDER BY id")
    finally:
        await pool.close()
    told = ARRIVALS.validate_json(row["payload"])
    assert isinstance(told, ArrivalReread)
    assert told.attachments == ReadAttachments(read=1, unread=0)
    assert (told.routing.danger, told.routing.nature) == (True, Nature.APPEAL)
    assert told.pli is not None
    (file,) = (await plis.read(blobs, told.pli)).attachments
    assert "recours gracieux" in file.text
    (page,), (places,) = file.pages, file.places
    placed = placed_words(page, places)
    assert [word.text for word in placed] == page.split(), "its words can be marked on the picture"


@pytest.mark.parametrize("file", FORMS)
async def test_what_the_rules_say_of_a_file_is_what_they_say_of_the_text(
    file: str, reader: AttachmentReader
) -> None:
    letter = MovedLetter("Jeanne", "Courrier", LETTER, file)
    octets = letter.enclosed
    assert routing(octets, await read_of(reader, octets)) == routing(letter.written)
