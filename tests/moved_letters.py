"""Letters moved from the text of a mail into its attached files, and what the rules see in both.

The letters are those of tests/letters, and one for each word of danger of the example site.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from deploy.embedded.downloads import tessdata
from services.ingest.attachment_reader import ALLOWANCE, PROGRAM, AttachmentReader
from services.ingest.domain.attachments import AttachedTexts, worth_reading
from services.ingest.domain.full_mail import read_whole
from services.ingest.domain.judge_mail import MailboxPlace, judge
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.domain.mail import Mail
from services.ingest.papers import PaperReader
from services.ingest.scan_reader import ReaderTimeouts
from services.ingest.scan_reader_pool import ScanReaderPool
from shared.facts.arrivals import Routing
from shared.facts.envelope import ServiceId
from shared.platform.children import Children
from tests import attached_files as made
from tests.attached_files import body, part
from tests.ingest_builders import INTERNAL, a_mail, a_multipart, indre, indre_rules
from tests.letters_of_people import letters

BUSY = 900
"""Seconds for one page on a machine that does much else."""
PLACE = MailboxPlace("pref-courrier", ServiceId("courrier"))
A_LINE = "Bonjour, veuillez trouver ma lettre ci-jointe. Cordialement."
IN_WORDS: Mapping[str, Callable[[str], bytes]] = {
    "lettre.pdf": made.pdf,
    "lettre.docx": made.docx,
    "winmail.dat": made.tnef,
    "smime.p7m": made.signed,
}
AS_PICTURES: Mapping[str, Callable[[str], bytes]] = {
    "scan.pdf": made.scan,
    "photo.jpg": made.photo,
}
FORMS = {**IN_WORDS, **AS_PICTURES}


class MovedLetter(NamedTuple):
    """A letter, and the name of the file into which it was moved."""

    sender: str
    subject: str
    text: str
    file: str

    @property
    def written(self) -> bytes:
        """The mail that says it itself."""
        return a_mail(self.text, sender=self._sender, subject=self.subject)

    @property
    def enclosed(self) -> bytes:
        """The mail that encloses it."""
        file = part(self.file, FORMS[self.file](self.text))
        return a_multipart(body(A_LINE), file, sender=self._sender, subject=self.subject)

    @property
    def _sender(self) -> str:
        return f'"{self.sender}" <x@orange.example>'


def moved_letters() -> Iterator[MovedLetter]:
    """Each letter of people in one kind of file, in turn; each word of danger in every kind."""
    forms = cycle(FORMS)
    for name in ("first", "second", "third", "fourth", "fifth"):
        for letter in letters(name):
            text = f"Madame, Monsieur,\n{letter.text}\nCordialement,\n{letter.sender}"
            yield MovedLetter(letter.sender, letter.subject, text, next(forms))
    for phrase in indre().routing.danger:
        text = f"Madame, Monsieur,\nJe vous écris parce que {phrase}, aidez-moi.\nCordialement,\nX."
        for form in FORMS:
            yield MovedLetter("X", "Courrier", text, form)


def routing(octets: bytes, attached: AttachedTexts | None = None) -> Routing:
    """What the rules of the example site say of a mail."""
    found = judge(octets, read_whole(octets), PLACE, INTERNAL, indre_rules(), attached)[0]
    assert isinstance(found, ArrivalJudgement)
    return found.routing


def patient_reader(copies: Path, count: int = 1) -> tuple[AttachmentReader, ScanReaderPool]:
    """The real reader of attached files, that waits on a busy machine; both are to be closed."""
    ocr = ScanReaderPool(tessdata(), ReaderTimeouts(patience=BUSY / 20), count)
    patient = Children(PROGRAM, replace(ALLOWANCE, patience=BUSY))
    return AttachmentReader(PaperReader(ocr, ocr, copies), patient), ocr


async def read_of(reader: AttachmentReader, octets: bytes) -> AttachedTexts:
    """What is read of the files of a mail."""
    mail = await asyncio.to_thread(read_whole, octets)
    assert isinstance(mail, Mail)
    return await reader.read(octets, worth_reading(mail.attachments))
