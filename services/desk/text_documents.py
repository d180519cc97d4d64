"""A text document (.odt) of headings, paragraphs, lists and tables, numbered page by page.

What a meeting, a register or a sheet says, to be finished in a word processor. Text is text: markup
in it is never read.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any, Final

from odfdo import (
    Cell,
    Document,
    Header,
    List,
    ListItem,
    Paragraph,
    Row,
    Style,
    Table,
    VarPageCount,
    VarPageNumber,
)

MEDIA: Final = "application/vnd.oasis.opendocument.text"
_STYLES: Final[dict[str, dict[str, dict[str, str]]]] = {
    "Texte": {
        "paragraph": {"fo:margin-bottom": "0.25cm", "fo:line-height": "115%"},
        "text": {"fo:font-size": "10.5pt", "fo:language": "fr", "fo:country": "FR"},
    },
    "Titre du document": {
        "paragraph": {
            "fo:text-align": "center",
            "fo:margin-top": "0.4cm",
            "fo:margin-bottom": "0.4cm",
        },
        "text": {"fo:font-size": "16pt", "fo:font-weight": "bold"},
    },
    "Titre 1": {
        "paragraph": {
            "fo:margin-top": "0.6cm",
            "fo:margin-bottom": "0.25cm",
            "fo:keep-with-next": "always",
        },
        "text": {"fo:font-size": "13pt", "fo:font-weight": "bold"},
    },
    "Titre 2": {
        "paragraph": {
            "fo:margin-top": "0.4cm",
            "fo:margin-bottom": "0.15cm",
            "fo:keep-with-next": "always",
        },
        "text": {"fo:font-size": "11.5pt", "fo:font-weight": "bold"},
    },
    "Cellule": {
        "paragraph": {"fo:margin-bottom": "0cm"},
        "text": {"fo:font-size": "9.5pt", "fo:language": "fr", "fo:country": "FR"},
    },
    "Entête": {
        "paragraph": {"fo:margin-bottom": "0cm"},
        "text": {"fo:font-size": "9.5pt", "fo:font-weight": "bold"},
    },
    "Pied": {
        "paragraph": {"fo:text-align": "center", "fo:margin-bottom": "0cm"},
        "text": {"fo:font-size": "8pt", "fo:color": "#5a5a5a"},
    },
}
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML 1.0 does not hold (word processors break lines by a vertical tab)."""
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The moment of every entry: the first that a ZIP can say."""
_MOMENT: Final = re.compile(rb"(<(?:dc:date|meta:creation-date)>)[^<]*(</)")
"""When the document says that it was made: a reader of the file is told by what stands in it."""
_TITLED: Final = {1: "Titre 1", 2: "Titre 2"}


class TextDocument:
    """A text document that is being written from its first line to its last."""

    def __init__(self, title: str, foot: str = "") -> None:
        self._document = Document("odt")
        self._document.body.clear()
        for name, areas in _STYLES.items():
            style = Style("paragraph", name=name, display_name=name, parent_style="Standard")
            for area, properties in areas.items():
                style.set_properties(properties, area=area)
            self._document.insert_style(style)
        border = Style("table-cell", name="Case")
        border.set_properties(
            {"fo:border": "0.5pt solid #8c8c8c", "fo:padding": "0.1cm"}, area="table-cell"
        )
        self._document.insert_style(border, automatic=True)
        self._document.meta.title = _kept(title)
        self._foot(foot)
        self._tables = 0

    def title(self, text: str) -> None:
        """Writes the title of the document."""
        self._document.body.append(Paragraph(_kept(text), style="Titre du document"))

    def heading(self, text: str, level: int = 1) -> None:
        """Writes a heading; `level`: 1 or 2."""
        self._document.body.append(Header(level, _kept(text), style=_TITLED[level]))

    def text(self, *paragraphs: str) -> None:
        """Writes paragraphs; line ends within one are kept."""
        for paragraph in paragraphs:
            self._document.body.append(Paragraph(_kept(paragraph), style="Texte"))

    def dashes(self, lines: Sequence[str]) -> None:
        """Writes a list with a dash before each line."""
        self.text(*(f"– {line}" for line in lines))

    def numbered(self, lines: Sequence[str]) -> None:
        """Writes a list with its numbers, as they were agreed: they are part of the text."""
        self._list([f"{number}. {line}" for number, line in enumerate(lines, start=1)])

    def table(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Writes a table with a line of titles."""
        self._tables += 1
        table = Table(f"Tableau {self._tables}", width=len(titles), height=0)
        for style, cells in (("Entête", titles), *(("Cellule", row) for row in rows)):
            line = Row()
            for text in cells:
                cell = Cell(style="Case")
                cell.append(Paragraph(_kept(text), style=style))
                line.append_cell(cell)
            table.append_row(line)
        self._document.body.append(table)
        self.text("")

    def save(self) -> bytes:
        """The document as a file: of the same text the same octets, whenever it is made."""
        kept, same = io.BytesIO(), io.BytesIO()
        self._document.save(kept)
        with zipfile.ZipFile(kept) as made, zipfile.ZipFile(same, "w") as packed:
            for entry in made.infolist():
                content = made.read(entry)
                if entry.filename == "meta.xml":
                    content = _MOMENT.sub(rb"\g<1>1980-01-01T00:00:00\g<2>", content)
                fixed = zipfile.ZipInfo(entry.filename, _EARLIEST)
                fixed.compress_type = entry.compress_type
                packed.writestr(fixed, content)
        return same.getvalue()

    def _list(self, lines: Sequence[str]) -> None:
        listed = List()
        for line in lines:
            item = ListItem()
            item.append(Paragraph(_kept(line), style="Texte"))
            listed.append_item(item)
        self._document.body.append(listed)

    def _foot(self, text: str) -> None:
        """The foot of every page: a text, and page n/N."""
        line = Paragraph(f"{_kept(text)} – page " if text else "Page ", style="Pied")
        line.append(VarPageNumber())
        line.append("/")
        line.append(VarPageCount())
        page: Any = self._document.get_style("master-page", "Standard")
        page.set_page_footer([line])


def _kept(text: str) -> str:
    """The text with a blank for each character that XML forbids."""
    return _FORBIDDEN.sub(" ", text)
