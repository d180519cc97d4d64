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
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class DocumentTitle:
    """The title of the document, which is no part of its outline."""

    text: str


@dataclass(frozen=True, slots=True)
class DocumentHeading:
    """A heading of level 1 to 3."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short lines."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class DocumentTable:
    """A table with its titles."""

    name: str
    titles: Sequence[str]
    rows: Sequence[Sequence[str]]


Block = DocumentTitle | DocumentHeading | DocumentText | Bullets | DocumentTable


def open_document(title: str, blocks: Iterable[Block], foot: str = "") -> bytes:
    """The .odt of a document. `foot` stands under every page, before its number."""
    body = "".join(part for block in blocks for part in _written(block))
    content = (
        f'{_HEAD}<office:document-content {_NAMES} office:version="1.3">'
        "<office:automatic-styles>"
        '<style:style style:name="Cellule" style:family="table-cell">'
        '<style:table-cell-properties fo:border="0.5pt solid #808080" fo:padding="0.1cm"/>'
        "</style:style></office:automatic-styles>"
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
    """A ZIP of files in their order, the same octets for the same files; `stored`: unpacked."""
    kept, plain = io.BytesIO(), set(stored)
    with zipfile.ZipFile(kept, "w") as packed:
        for name, content in files.items():
            add(packed, name, content, plain=name in plain)
    return kept.getvalue()


def add(packed: zipfile.ZipFile, name: str, content: bytes, *, plain: bool = False) -> None:
    """Adds a file to a ZIP, with nothing of when or where it was made; `plain`: unpacked."""
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.compress_type = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # Unix, wherever it is made
    packed.writestr(entry, content)


def _written(block: Block) -> Iterator[str]:
    match block:
        case DocumentTitle(text):
            yield f'<text:p text:style-name="Title">{_text(text)}</text:p>'
        case DocumentHeading(text, level):
            yield (
                f'<text:h text:style-name="Heading_20_{level}" text:outline-level="{level}">'
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
            yield f'<table:table-column table:number-columns-repeated="{len(titles)}"/>'
            yield f"<table:table-header-rows>{_row(titles, 'Titre')}</table:table-header-rows>"
            yield from (_row(row, "Cellule_20_texte") for row in rows)
            yield '</table:table><text:p text:style-name="Text_20_body"/>'


def _row(cells: Sequence[str], style: str) -> str:
    told = "".join(
        '<table:table-cell table:style-name="Cellule" office:value-type="string">'
        f'<text:p text:style-name="{style}">{_text(cell)}</text:p></table:table-cell>'
        for cell in cells
    )
    return f"<table:table-row>{told}</table:table-row>"


def _text(text: str) -> str:
    """Text without markup, a blank for what XML forbids; line ends become line breaks."""
    return escape(_FORBIDDEN.sub(" ", text), {'"': "&quot;"}).replace("\n", "<text:line-break/>")


def _styles(foot: str) -> str:
    def style(name: str, size: str, more: str = "", paragraph: str = "") -> str:
        shown = name.replace("_20_", " ")
        return (
            f'<style:style style:name="{name}" style:display-name="{shown}"'
            f' style:family="paragraph" style:parent-style-name="Standard">'
            f'<style:paragraph-properties fo:margin-bottom="0.2cm"{paragraph}/>'
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
        f"{style('Titre', '9pt', bold)}{style('Cellule_20_texte', '9pt')}{style('Pied', '8pt')}"
        "</office:styles><office:automatic-styles>"
        '<style:page-layout style:name="Page"><style:page-layout-properties'
        ' fo:page-width="21cm" fo:page-height="29.7cm" fo:margin="2cm"/></style:page-layout>'
        "</office:automatic-styles><office:master-styles>"
        '<style:master-page style:name="Standard" style:page-layout-name="Page"><style:footer>'
        f'<text:p text:style-name="Pied">{_text(foot)} – page <text:page-number/>'
        " / <text:page-count/></text:p></style:footer></style:master-page>"
        "</office:master-styles></office:document-styles>"
    )
