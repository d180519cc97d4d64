"""A letter as OpenDocument, to be finished in a word processor: the same parts as on the PDF.

The departure code stands on it: when the signed letter is scanned or keyed, its clock stops.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import segno
from odfdo import Document, Frame, Paragraph, Style

from shared.paper.letter import PrintedLetter, laid_out

_STYLES: dict[str, dict[str, dict[str, str]]] = {
    "Lettre": {
        "paragraph": {"fo:margin-bottom": "0.35cm", "fo:line-height": "115%"},
        "text": {"fo:font-size": "10.5pt", "fo:language": "fr", "fo:country": "FR"},
    },
    "Autorité": {
        "paragraph": {"fo:margin-bottom": "0cm"},
        "text": {"fo:font-size": "14pt", "fo:font-weight": "bold"},
    },
    "Références": {
        "paragraph": {"fo:margin-bottom": "0cm"},
        "text": {"fo:font-size": "9pt", "fo:color": "#5a5a5a"},
    },
    "Code": {"paragraph": {"fo:text-align": "end"}, "text": {"fo:font-size": "7pt"}},
    "Adresse": {
        "paragraph": {"fo:margin-left": "8.8cm", "fo:margin-bottom": "0cm"},
        "text": {"fo:font-size": "11pt"},
    },
    "Lieu": {
        "paragraph": {
            "fo:text-align": "end",
            "fo:margin-top": "0.8cm",
            "fo:margin-bottom": "0.6cm",
        },
        "text": {"fo:font-size": "10.5pt"},
    },
    "Objet": {
        "paragraph": {"fo:margin-bottom": "0.6cm"},
        "text": {"fo:font-size": "10.5pt", "fo:font-weight": "bold"},
    },
    "Signature": {
        "paragraph": {"fo:margin-left": "8.8cm", "fo:keep-together": "always"},
        "text": {"fo:font-size": "10.5pt"},
    },
    "Pied": {
        "paragraph": {"fo:margin-bottom": "0cm"},
        "text": {"fo:font-size": "7.5pt", "fo:color": "#5a5a5a"},
    },
}
_QR_SIZE = ("1.9cm", "1.9cm")
_ROOM_TO_SIGN = 3
"""Empty lines for a pen."""


def odt(letter: PrintedLetter) -> bytes:
    """Returns a letter as an OpenDocument file (.odt), to be finished in a word processor."""
    parts = laid_out(letter)
    document = Document("odt")
    document.body.clear()
    for name, areas in _STYLES.items():
        document.insert_style(_style(name, areas))
    _code(document, parts)
    _write(document, "Autorité", parts["authority"])
    _write(document, "Références", parts["service"], *parts["references"])
    _write(document, "Adresse", *parts["address"], *[""] * parts["blanks"])
    _write(document, "Lieu", parts["place"])
    _write(document, "Objet", f"Objet : {parts['subject']}")
    _parts(document, [*parts["body"], *parts["closing"]])
    if parts["signature"]:
        first, *others = parts["signature"]
        _write(document, "Signature", first, *[""] * _ROOM_TO_SIGN, "\n".join(others))
    _parts(document, parts["after"])
    _foot(document, parts)
    document.meta.title = parts["subject"]
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def _parts(document: Document, parts: Sequence[Mapping[str, Any]]) -> None:
    for part in parts:
        marked = [f"– {text_item}" for text_item in part.get("items", ())]
        document.body.append(_paragraph("Lettre", "\n".join(marked or part["lines"])))


def _style(name: str, areas: dict[str, dict[str, str]]) -> Style:
    style = Style("paragraph", name=name, display_name=name, parent_style="Standard")
    for area, properties in areas.items():
        style.set_properties(properties, area=area)
    return style


def _write(document: Document, style: str, *lines: str) -> None:
    for line in lines:
        document.body.append(_paragraph(style, line))


def _paragraph(style: str, text: str) -> Paragraph:
    """Text as text: odfdo turns line ends into line breaks, and never reads markup."""
    return Paragraph(text, style=style)


def _code(document: Document, parts: dict[str, Any]) -> None:
    """The QR code on page one, where a scanner meets it."""
    drawn = io.BytesIO()
    segno.make_qr(parts["code"], error="h", boost_error=False).save(
        drawn, kind="png", scale=8, border=4
    )
    drawn.seek(0)
    holder = Paragraph("", style="Code")
    holder.append(
        Frame.image_frame(
            document.add_file(drawn),
            name="Code de départ",
            size=_QR_SIZE,
            anchor_type="as-char",
        )
    )
    document.body.append(holder)
    document.body.append(_paragraph("Code", parts["code_label"]))


def _foot(document: Document, parts: dict[str, Any]) -> None:
    """The foot stands under every page."""
    page: Any = document.get_style("master-page", "Standard")
    page.set_page_footer([_paragraph("Pied", line) for line in parts["foot"]])
