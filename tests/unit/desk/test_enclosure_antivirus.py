"""What leaves with a letter passes the antivirus of the site, where it has one."""

from dataclasses import dataclass, field

import pytest

from services.desk.letters.domain.enclosures import FileToSend
from services.desk.letters.enclosure_antivirus import scan_files
from services.desk.pages.sentences.letters import SENTENCES
from shared.errors import Refused
from shared.platform.antivirus import AntivirusVerdict, Clean, Infected, Unlooked

PLAN = FileToSend("plan.pdf", "application/pdf", b"%PDF-1.7")
PHOTO = FileToSend("photo.jpg", "image/jpeg", b"\xff\xd8\xff")


@dataclass
class Says:
    """An antivirus that says one thing of PDFs, and that all else is clean."""

    verdict: AntivirusVerdict
    asked: list[bytes] = field(default_factory=list)

    async def look(self, content: bytes) -> AntivirusVerdict:
        self.asked.append(content)
        return self.verdict if content.startswith(b"%PDF") else Clean()


async def test_each_file_is_looked_at_and_what_is_clean_leaves() -> None:
    clean = Says(Clean())
    await scan_files(clean, [PHOTO, PLAN])
    assert clean.asked == [PHOTO.octets, PLAN.octets]
    await scan_files(None, [PLAN])


@pytest.mark.parametrize(
    ("verdict", "why"),
    [
        (Infected("Win.Test.EICAR_HDB-1"), "letter-file-virus"),
        (Unlooked("clamd does not answer", away=True), "letter-file-unlooked"),
        (Unlooked("too large for clamd", too_large=True), "letter-file-too-large"),
    ],
)
async def test_what_it_finds_or_could_not_look_at_does_not_leave(
    verdict: AntivirusVerdict, why: str
) -> None:
    with pytest.raises(Refused) as refused:
        await scan_files(Says(verdict), [PHOTO, PLAN])
    assert (refused.value.why, refused.value.said["name"]) == (why, "plan.pdf")
    assert "plan.pdf" in SENTENCES[why].format(**refused.value.said)
