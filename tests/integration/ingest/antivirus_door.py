"""Mails with attachments at the door, and antiviruses that look, are away or hang."""

import asyncio
from collections.abc import Sequence

from pydantic import SecretStr

from services.ingest.attachment_job import AttachmentJob
from services.ingest.attachment_reader import AttachmentReader
from services.ingest.domain.attachments import AttachedTexts
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Attachment
from shared.facts.arrivals import ARRIVALS, ArrivalReread, Arrived
from shared.platform.antivirus import Antivirus, AntivirusVerdict, Unlooked
from tests import attached_files as made
from tests.attached_files import body, part
from tests.fake_clamd import EICAR, FakeAntivirus
from tests.ingest_builders import a_multipart
from tests.integration.ingest.door import Door
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
