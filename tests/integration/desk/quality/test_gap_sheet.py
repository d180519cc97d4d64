"""A fiche d'écart is read as it is printed: what was found, its cause, and who lifted it."""

import io
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from shared.platform.database import Pool
from tests.desk_browser import Browser
from tests.integration.desk.quality.measured import at
from tests.integration.desk.quality.test_label_dossier import (
    ANSWER,
    FINDINGS,
    FIRST,
    FOUND,
    PHONE_TEXT,
)

pytestmark = pytest.mark.usefixtures("live_site", "environment")

LIFT = {"jour": "2026-07-02", "levee": "Vu sur place."}
PAPER = {"fichier": ("levee.pdf", b"%PDF-1.7 levee", "application/pdf")}
LATER = ("Une seule ligne entre midi et deux.", "Le renvoi est posé.", "Une seconde ligne.")
"""Of the answer, which comes after the finding."""


async def printed(officer: Browser) -> str:
    """The words of the sheet, which has one page."""
    content = (await officer.get(f"{FIRST}/fiche.pdf")).content
    with PdfDocument(io.BytesIO(content)) as document:
        [page] = document
        words = page.get_textpage().get_text_bounded().replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(words.split())


async def test_the_sheet_of_a_finding_has_what_is_known_of_it(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await Browser(await at(pool, postgres_url, tmp_path)).sign_in("q.officer")
    await officer.to(await officer.send(FINDINGS, FINDINGS, FOUND))
    first = await printed(officer)
    for said in (PHONE_TEXT, "20/06/2026", "Deux appels sur dix restent sans réponse <midi>."):
        assert said in first
    for said in (*LATER, "30/09/2026", "Vu sur place."):
        assert said not in first
    await officer.to(await officer.send(FIRST, f"{FIRST}/repondre", ANSWER))
    answered = await printed(officer)
    for said in (*LATER, "30/09/2026"):
        assert said in answered
    await officer.to(await officer.send(FIRST, f"{FIRST}/lever", LIFT, files=PAPER))
    lifted = await printed(officer)
    for said in (*LATER, "Vu sur place.", "02/07/2026"):
        assert said in lifted
