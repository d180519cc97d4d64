"""The state of the checks of the website at a date: a table, a text, or a signed sheet (PDF)."""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk import open_document
from services.desk.french import labels_fr
from services.desk.pages.downloads import our_file
from services.desk.pages.quality import figure_files, website_words
from services.desk.pages.quality.website_words import PageLine
from services.desk.pages.visit import Visit
from services.desk.quality.text_documents import TextDocument
from services.desk.sheets import KINDS, ExportSheet, SheetCell
from shared.paper.typst_pdf import typeset

ENDINGS: Final = (*KINDS, ".odt", ".pdf")
TITLE: Final = "Vérifications du site internet"
SHEET: Final = ExportSheet(
    "Site internet",
    [
        "Page",
        "Adresse",
        "Service",
        "Correspondant",
        "État",
        "Vérifiée le",
        "Par",
        "Compte jusqu’au",
    ],
    [40, 50, 30, 24, 22, 12, 24, 12],
)
_PRINTING: Final = Path(__file__).parents[2] / "printing"


def day_asked(visit: Visit) -> date:
    """Parses the local day of `?au=2026-06-30`, or today.

    Raises HTTPException 404 for a day to come.
    """
    asked = visit.request.query_params.get("au", "")
    try:
        day = date.fromisoformat(asked) if asked else visit.today
    except ValueError:
        raise HTTPException(404, "Ce n’est pas un jour.") from None
    if day > visit.today:
        raise HTTPException(404, "Ce jour est à venir : rien n’y est encore vérifié.")
    return day


async def download(
    visit: Visit, lines: Sequence[PageLine], counted: tuple[int, int], day: date, kind: str
) -> Response:
    """Makes the response that downloads the state of all website checks at a local day."""
    name = f"site-internet-{day.isoformat()}{kind}"
    if kind in KINDS:
        return await figure_files.download(visit, [_cells(line) for line in lines], name, SHEET)
    identity = visit.applied.site.identity
    said = f"{website_words.count_text(counted)} au {labels_fr.long_day(day)}"
    rules = visit.applied.version
    async with visit.apart():
        if kind == ".odt":
            content = await asyncio.to_thread(_text, lines, said, identity.authority, rules)
        else:
            content = await asyncio.to_thread(_sheet, lines, said, identity.authority, rules, day)
    media = open_document.MEDIA if kind == ".odt" else "application/pdf"
    return our_file(content, media, name)


def _cells(line: PageLine) -> Sequence[SheetCell]:
    return (
        line.title, line.url, line.service, line.reader, line.state, line.checked, line.by,
        line.until,
    )  # fmt: skip


def _rows(lines: Sequence[PageLine]) -> Sequence[Sequence[str]]:
    return [
        (
            line.title,
            line.service,
            line.reader,
            line.state,
            website_words.day_said(line.checked),
            website_words.day_said(line.until),
        )
        for line in lines
    ]


HEAD: Final = ("Page", "Service", "Correspondant", "État", "Vérifiée le", "Compte jusqu’au")


def _foot(rules: int) -> str:
    return (
        f"Pages de la liste du site, règles n° {rules}. Chaque page est relue par une personne ;"
        " une vérification compte le nombre de mois que dit la liste."
    )


def _text(lines: Sequence[PageLine], said: str, authority: str, rules: int) -> bytes:
    """The state as a text document. Blocks."""
    document = TextDocument(TITLE, authority)
    document.title(TITLE)
    document.text(f"{authority}. {said[0].upper()}{said[1:]}.")
    document.table(HEAD, _rows(lines))
    document.text(_foot(rules))
    return document.save()


def _sheet(lines: Sequence[PageLine], said: str, authority: str, rules: int, day: date) -> bytes:
    """The state as PDF, with a place to sign; the same octets for the same state. Blocks."""
    data = {
        "dated": {"year": day.year, "month": day.month, "day": day.day},
        "authority": authority,
        "title": TITLE,
        "said": f"{said[0].upper()}{said[1:]}.",
        "head": HEAD,
        "rows": _rows(lines),
        "foot": _foot(rules),
    }
    return typeset(_PRINTING / "website.typ", {"data": data})
