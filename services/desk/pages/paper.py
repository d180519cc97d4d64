"""A scanned paper on a page: how many of its pages are drawn, of how many, and what nobody read."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.content.plis import ScanText


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


def paper_of(scan: ScanText | None, most: int) -> Paper:
    """Returns how a page shows a scan: at most its first `most` pages are drawn."""
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
    return Paper(min(total, most), total, scan.pages, tuple(notes))


def _spans(pages: Sequence[int]) -> str:
    """« 3, 41 à 300 »."""
    spans: list[list[int]] = []
    for page in sorted(pages):
        if spans and page == spans[-1][1] + 1:
            spans[-1][1] = page
        else:
            spans.append([page, page])
    return ", ".join(str(a) if a == b else f"{a} à {b}" for a, b in spans)
