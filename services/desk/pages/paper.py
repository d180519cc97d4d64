"""A scanned paper on a page: how many of its pages are drawn, of how many, and what nobody read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.desk.domain.page_language import likely_language
from services.desk.pages.drawn_pages import digest_of, version
from services.desk.store.page_turns import EVERY_PAGE
from shared.content.plis import ScanText
from shared.content.word_places import WordPlaces
from shared.facts.envelope import BlobKey

DOUBTFUL = 70
"""Confidence of OCR below which a page says so: print has 88 to 95, Arabic letters 53 to 55."""

_TURNINGS: Final[Mapping[int, str]] = {
    0: "",
    90: "matrix(0 1 -1 0 1 0)",
    180: "matrix(-1 0 0 -1 1 1)",
    270: "matrix(0 -1 1 0 0 1)",
}
"""By degrees, clockwise; a page is one unit wide and high. viewer.js has the same."""
_NOWHERE: Final = WordPlaces()
_WORDS: Final = 5
"""Words of a page below which its confidence says nothing: a stamp, a signature."""
_MOST_SAID: Final = 5
_UNLOOKED: Final = "L’antivirus n’a pas pu examiner ce document."
_TOO_LARGE: Final = (
    "L’antivirus n’a pas examiné ce document\N{NO-BREAK SPACE}: trop volumineux pour lui."
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A scanned document as a page shows it: pages drawn, pages in all, text read by OCR."""

    drawn: int = 0
    """Pages that are drawn, from the first."""
    total: int = 0
    """Pages that it has."""
    read: tuple[str, ...] = ()
    """What OCR read, page by page."""
    notes: tuple[str, ...] = ()
    """What is not shown or was not read, a sentence each."""
    doubts: Mapping[int, str] = field(default_factory=dict)
    """What is doubtful of the text of a page, in a few words, by page."""
    document: str = ""
    """The SHA-256 of its octets; empty where its pictures may not be kept by a browser."""
    turns: Mapping[int, int] = field(default_factory=dict)
    """How its pages are turned, by page (store/page_turns.py)."""
    places: tuple[WordPlaces, ...] = ()
    """Where the words of `read` stand, page by page; may be shorter."""

    def word_places(self, page: int) -> WordPlaces:
        """Returns where the words of a page stand, from 1; of no word where nobody knows."""
        return self.places[page - 1] if page <= len(self.places) else _NOWHERE

    def turn(self, page: int) -> int:
        """Returns by how many degrees a page is turned clockwise."""
        return self.turns.get(page, self.turns.get(EVERY_PAGE, 0))

    def turn_matrix(self, page: int) -> str:
        """Returns the SVG transform that turns what lies over a page's picture as the page is."""
        return _TURNINGS[self.turn(page)]

    def version(self, page: int) -> str:
        """Returns the end of the address of a page's picture, which names what is drawn."""
        return f"?v={version(self.document, self.turn(page))}" if self.document else ""


def paper_of(
    scan: ScanText | None,
    most: int,
    original: BlobKey | None = None,
    turns: Mapping[str, Mapping[int, int]] | None = None,
) -> Paper:
    """Returns how a page shows a scan: at most its first `most` pages are drawn.

    `turns`: those of documents by their SHA-256, the scan's `original` among them.
    """
    if scan is None:
        return Paper()
    total = len(scan.pages)
    notes = []
    if total > most:
        notes.append(
            f"Les {most} premières pages sur {total} sont montrées ici ; l’original les a toutes."
        )
    if scan.unread:
        pages = f"page{'s' if len(scan.unread) > 1 else ''} {_spans(scan.unread)}"
        notes.append(f"La machine n’a pas lu le texte : {pages}. La recherche ne le connaît pas.")
    if scan.missed_separator:
        notes.append("Ce document contient peut-être deux lettres, sans feuille de séparation.")
    doubts = page_doubts(scan, total)
    if scan.confidence < DOUBTFUL and any(page.strip() for page in scan.pages):
        notes.append(
            f"Le texte est reconnu avec peu de certitude ({scan.confidence} sur 100)"
            "\N{NO-BREAK SPACE}: écriture à la main, autre langue ou copie pâle."
        )
    elif doubts:
        notes.append(f"Texte à vérifier sur l’image\N{NO-BREAK SPACE}: {_said(doubts)}.")
    if scan.unlooked:
        notes.append(_TOO_LARGE if scan.too_large else _UNLOOKED)
    document = "" if original is None else digest_of(original)
    turned = (turns or {}).get(document, {})
    drawn = min(total, most)
    return Paper(drawn, total, scan.pages, tuple(notes), doubts, document, turned, scan.places)


def page_doubts(scan: ScanText, total: int) -> Mapping[int, str]:
    """Returns what is doubtful of the text of a scan's pages, in a few words, by page from 1."""
    found = dict[int, str]()
    for page in range(1, total + 1):
        sure = scan.confidences[page - 1] if page <= len(scan.confidences) else None
        words = len(scan.pages[page - 1].split())
        language = likely_language(scan.pages[page - 1])
        if page in scan.unread:
            found[page] = "non lue"
        elif sure is not None and sure < DOUBTFUL and words >= _WORDS:
            found[page] = f"peu sûre, {sure} sur 100"
        elif language is not None:
            found[page] = f"semble en {language}"
    return found


def _said(doubts: Mapping[int, str]) -> str:
    """« page 2 (peu sûre, 54 sur 100), page 4 (semble en anglais) »; the first five."""
    said = [f"page {page} ({why})" for page, why in doubts.items()]
    more = f" et {len(said) - _MOST_SAID} autres" if len(said) > _MOST_SAID else ""
    return ", ".join(said[:_MOST_SAID]) + more


def _spans(pages: Sequence[int]) -> str:
    """« 3, 41 à 300 »."""
    spans: list[list[int]] = []
    for page in sorted(pages):
        if spans and page == spans[-1][1] + 1:
            spans[-1][1] = page
        else:
            spans.append([page, page])
    return ", ".join(str(a) if a == b else f"{a} à {b}" for a, b in spans)
