"""A text document as OpenDocument (.odt): the same octets for the same content. Pure.

Headings, paragraphs, lists and tables only, written whole: a word processor may change everything
afterwards. Nothing says when it was made, so that two of the same day are one file.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from services.desk.column_widths import column_widths

MEDIA: Final = "application/vnd.oasis.opendocument.text"
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The moment of every entry of our ZIP files: the first that a ZIP can say."""
_NAMES: Final = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
    for name, urn in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("style", "style"),
        ("fo", "xsl-fo-compatible"),
        ("meta", "meta"),
    )
)
_FORBIDDEN: Final = re.compile(r"[\x00-\x09\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML 1.0 does not allow, and the control characters that it does: word processors break lines
by a vertical tab, a copy from a PDF has U+FFFE for its hyphens. Each becomes a blank."""
_LINE: Final = 17.0
"""Centimetres of a line between the margins of A4."""
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class DocumentTitle:
    """The title of an OpenDocument text, which is no part of its outline."""

    text: str


@dataclass(frozen=True, slots=True)
class DocumentHeading:
    """A heading of an OpenDocument text, of level 1 to 3."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A paragraph of plain text in an OpenDocument text."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short lines in an OpenDocument text."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class DocumentTable:
    """A table with its titles in an OpenDocument text."""

    name: str
    titles: Sequence[str]
    rows: Sequence[Sequence[str]]


DocumentBlock = DocumentTitle | DocumentHeading | DocumentText | Bullets | DocumentTable


def open_document(title: str, blocks: Iterable[DocumentBlock], foot: str = "") -> bytes:
    """Makes an OpenDocument text (.odt). `foot` stands under every page, before its number."""
    known = list(blocks)
    titled = any(isinstance(block, DocumentTitle) for block in known)
    body = "".join(part for block in known for part in _written(block, titled=titled))
    content = (
        f'{_HEAD}<office:document-content {_NAMES} office:version="1.3">'
        "<office:automatic-styles>"
        '<style:style style:name="Cellule" style:family="table-cell">'
        '<style:table-cell-properties fo:border="0.5pt solid #808080" fo:padding="0.1cm"/>'
        '</style:style><style:style style:name="Ligne" style:family="table-row">'
        '<style:table-row-properties fo:keep-together="always"/></style:style>'
        f"{''.join(_columns(known))}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    meta = (
        f'{_HEAD}<office:document-meta {_NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' office:version="1.3"><office:meta><dc:title>{_text(title)}</dc:title>'
        "<dc:language>fr-FR</dc:language></office:meta></office:document-meta>"
    )
    parts = {"content.xml": content, "meta.xml": meta, "styles.xml": _styles(foot)}
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
        for name in parts
    )
    manifest = (
        f'{_HEAD}<manifest:manifest manifest:version="1.3"'
        ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MEDIA}"/>'
        f"{entries}</manifest:manifest>"
    )
    files = {"mimetype": MEDIA, **parts, "META-INF/manifest.xml": manifest}
    return archive({name: text.encode() for name, text in files.items()}, stored={"mimetype"})


def archive(files: Mapping[str, bytes], stored: Iterable[str] = ()) -> bytes:
    """Makes a ZIP of files in order, the same bytes each time; those named in `stored` as is."""
    kept, plain = io.BytesIO(), set(stored)
    with zipfile.ZipFile(kept, "w") as packed:
        for name, content in files.items():
            add(packed, name, content, plain=name in plain)
    return kept.getvalue()


def add(packed: zipfile.ZipFile, name: str, content: bytes, *, plain: bool = False) -> None:
    """Adds a file to a ZIP with fixed date and attributes; `plain`: stored without compression."""
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.compress_type = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # Unix, wherever it is made
    packed.writestr(entry, content)


def _written(block: DocumentBlock, *, titled: bool) -> Iterator[str]:
    """The XML of a block; beneath a title, which is larger, headings are one size smaller."""
    match block:
        case DocumentTitle(text):
            yield f'<text:p text:style-name="Title">{_text(text)}</text:p>'
        case DocumentHeading(text, level):
            yield (
                f'<text:h text:style-name="Heading_20_{min(3, level + titled)}"'
                f' text:outline-level="{level}">'
                f"{_text(text)}</text:h>"
            )
        case DocumentText(text):
            yield f'<text:p text:style-name="Text_20_body">{_text(text)}</text:p>'
        case Bullets(lines):
            items = "".join(
                f'<text:list-item><text:p text:style-name="Text_20_body">{_text(line)}</text:p>'
                "</text:list-item>"
                for line in lines
            )
            yield f"<text:list>{items}</text:list>"
        case DocumentTable(name, titles, rows):
            yield f'<table:table table:name="{_text(name)}">'
            for width in column_widths([titles, *rows], _LINE):
                yield f'<table:table-column table:style-name="{_column(width)}"/>'
            yield f"<table:table-header-rows>{_row(titles, 'Titre')}</table:table-header-rows>"
            yield from (_row(row, "Cellule_20_texte") for row in rows)
            yield '</table:table><text:p text:style-name="Text_20_body"/>'


def _columns(blocks: Sequence[DocumentBlock]) -> Iterator[str]:
    """The styles of all columns, one a width."""
    tables = [block for block in blocks if isinstance(block, DocumentTable)]
    widths = {
        width for table in tables for width in column_widths([table.titles, *table.rows], _LINE)
    }
    for width in sorted(widths):
        yield (
            f'<style:style style:name="{_column(width)}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{width}cm"/></style:style>'
        )


def _column(width: float) -> str:
    return f"Colonne{round(100 * width)}"


def _row(cells: Sequence[str], style: str) -> str:
    told = "".join(
        '<table:table-cell table:style-name="Cellule" office:value-type="string">'
        f'<text:p text:style-name="{style}">{_text(cell)}</text:p></table:table-cell>'
        for cell in cells
    )
    return f'<table:table-row table:style-name="Ligne">{told}</table:table-row>'


def _text(text: str) -> str:
    """Text without markup, a blank for what XML forbids; line ends become line breaks."""
    return escape(_FORBIDDEN.sub(" ", text), {'"': "&quot;"}).replace("\n", "<text:line-break/>")


def _styles(foot: str) -> str:
    def style(
        name: str, size: str, more: str = "", paragraph: str = "", below: str = "0.2cm"
    ) -> str:
        shown = name.replace("_20_", " ")
        return (
            f'<style:style style:name="{name}" style:display-name="{shown}"'
            f' style:family="paragraph" style:parent-style-name="Standard">'
            '<style:paragraph-properties fo:orphans="2" fo:widows="2"'
            f' fo:margin-bottom="{below}"{paragraph}/>'
            f'<style:text-properties fo:font-size="{size}"{more}/></style:style>'
        )

    bold, above = ' fo:font-weight="bold"', ' fo:keep-with-next="always"'
    centred = ' fo:text-align="center"'
    return (
        f'{_HEAD}<office:document-styles {_NAMES} office:version="1.3"><office:styles>'
        '<style:style style:name="Standard" style:family="paragraph">'
        '<style:text-properties fo:font-size="10.5pt" fo:language="fr" fo:country="FR"/>'
        "</style:style>"
        f"{style('Title', '16pt', bold, centred)}"
        f"{style('Text_20_body', '10.5pt')}{style('Heading_20_1', '17pt', bold, above)}"
        f"{style('Heading_20_2', '13pt', bold, above)}"
        f"{style('Heading_20_3', '11pt', bold, above)}"
        f"{style('Titre', '9pt', bold, below='0cm')}"
        f"{style('Cellule_20_texte', '9pt', below='0cm')}{style('Pied', '8pt')}"
        "</office:styles><office:automatic-styles>"
        '<style:page-layout style:name="Page"><style:page-layout-properties'
        ' fo:page-width="21cm" fo:page-height="29.7cm" fo:margin="2cm"/></style:page-layout>'
        "</office:automatic-styles><office:master-styles>"
        '<style:master-page style:name="Standard" style:page-layout-name="Page"><style:footer>'
        f'<text:p text:style-name="Pied">{_text(foot)} – page <text:page-number/>'
        " / <text:page-count/></text:p></style:footer></style:master-page>"
        "</office:master-styles></office:document-styles>"
    )
