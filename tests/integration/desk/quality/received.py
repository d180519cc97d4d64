"""Places of reception as somebody of the préfecture sees them, with an approved slip."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pypdfium2

from shared.platform.database import Pool
from tests.desk_browser import Browser
from tests.integration.desk.quality.measured import at

HOME: Final = "/qualite/accueil"
COUNTER: Final = f"{HOME}/lieux/guichet"
MONDAY: Final = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)
"""10:00 in Paris."""
LARGE, MIDDLE, NARROW = (1440, 900), (1366, 768), (390, 780)
SHEET: Final = {
    "service": "bmi",
    "title": "Fiche du guichet",
    "kind": "fiche",
    "place": "guichet",
    "check_every": "3",
    "subject": "Votre titre de séjour",
    "body": "Apportez votre convocation.\n- une pièce d’identité\n- une photographie",
    "offline": "Venez au point d’appui numérique, ou téléphonez.",
    "language": "English",
    "other_subject": "Your residence permit",
    "other_body": "Bring your appointment letter.",
    "reviewer": "Bureau des langues",
    "reviewed_on": "2026-05-04",
    "submit": "oui",
}


async def who(
    pool: Pool, postgres_url: str, folder: Path, person: str, moment: datetime = MONDAY
) -> Browser:
    return await Browser(await at(pool, postgres_url, folder, moment)).sign_in(person)


async def approved(pool: Pool, postgres_url: str, folder: Path, **fields: str) -> Browser:
    """A slip of the counter, written by an agent and approved by the head, who is given back."""
    agent = await who(pool, postgres_url, folder, "a.gent")
    page = await agent.to(await agent.send("/fiches/nouvelle", "/fiches/nouvelle", SHEET | fields))
    assert "à approuver" in page
    head = await Browser(agent.pages).sign_in("b.head")
    letter = "/courriers-types/fiche-du-guichet"
    await head.to(await head.send(letter, f"{letter}/approuver"))
    return head


def plain(pdf: bytes) -> str:
    """The text of a PDF, spaces made plain and lines joined."""
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    return re.sub(r"[\s\N{NO-BREAK SPACE}]+", " ", text)
