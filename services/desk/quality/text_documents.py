"""A text document (.odt) that is written line by line: headings, paragraphs, lists and tables.

What a meeting, a register or a sheet says, to be finished in a word processor. Text is text: markup
in it is never read. How it becomes a file is services/desk/open_document.py's.
"""

from collections.abc import Sequence

from services.desk.open_document import (
    DocumentBlock,
    DocumentHeading,
    DocumentTable,
    DocumentText,
    DocumentTitle,
    open_document,
)


class TextDocument:
    """A text document (.odt) that is written line by line, from its first to its last."""

    def __init__(self, title: str, foot: str = "") -> None:
        self._title = title
        self._foot = foot
        self._blocks: list[DocumentBlock] = []
        self._tables = 0

    def title(self, text: str) -> None:
        """Writes the title of the text document."""
        self._blocks.append(DocumentTitle(text))

    def heading(self, text: str, level: int = 1) -> None:
        """Writes a heading of the text document; `level`: 1 or 2."""
        self._blocks.append(DocumentHeading(text, level))

    def text(self, *paragraphs: str) -> None:
        """Writes paragraphs of the text document; line ends within one are kept."""
        self._blocks += map(DocumentText, paragraphs)

    def dashes(self, lines: Sequence[str]) -> None:
        """Writes a list with a dash before each line into the text document."""
        self.text(*(f"– {line}" for line in lines))

    def numbers(self, lines: Sequence[str]) -> None:
        """Writes a list with its numbers, as they were agreed: they are part of the text."""
        self.text(*(f"{number}. {line}" for number, line in enumerate(lines, start=1)))

    def table(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Writes a table with a line of titles into the text document."""
        self._tables += 1
        self._blocks.append(DocumentTable(f"Tableau {self._tables}", titles, rows))

    def save(self) -> bytes:
        """Returns the text document as a file, the same bytes for the same content."""
        return open_document(self._title, self._blocks, self._foot)
