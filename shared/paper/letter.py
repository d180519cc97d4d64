"""A letter as PDF/A, ready to print, fold and sign; typeset by typst, which gets data, not markup.

The wording is the site's (`templates/`); the layout is that of an administration's letter, with
the address where the window of a DL envelope shows it and our departure code on page one.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.content.plis import Correspondent
from shared.facts.vocabulary import NoticeKind
from shared.paper import qr
from shared.paper.typst_pdf import typeset
from shared.site.texts.letters import Correspondence
from shared.site.texts.templates import TemplateText

_LINES = 6
"""What the window of a DL envelope shows."""
_BLANKS = 4
"""Lines of an address that is written by hand, name included."""
LAYOUT = Path(__file__).with_name("letter.typ")


@dataclass(frozen=True, slots=True)
class PrintedLetter:
    """A letter to print: its rendered text, the recipient's address, and the departure code."""

    kind: NoticeKind
    context: Correspondence
    text: TemplateText
    code: str
    """The departure code, signed (shared/paper/code_keys.py)."""
    address: tuple[str, ...] = ()
    """Lines for the window: the name, and the postal address as far as it is known."""
    to_complete: bool = False
    """No postal address is known: dotted lines follow, to be written by hand."""


def window(to: Correspondent | None) -> tuple[str, ...]:
    """Returns the recipient's name and postal address for an envelope window, at most six lines.

    Lines that are not known are left out; none without a recipient.
    """
    if to is None:
        return ()
    lines = [to.name, *to.postal.splitlines()]
    return tuple(" ".join(line.split()) for line in lines if line.strip())[:_LINES]


def address_letter(
    kind: NoticeKind,
    context: Correspondence,
    text: TemplateText,
    code: str,
    to: Correspondent | None,
) -> PrintedLetter:
    """Makes the letter to print for a recipient, from its rendered text.

    Without a postal address it is marked to be completed by hand.
    """
    unknown = to is None or not to.postal.strip()
    return PrintedLetter(kind, context, text, code, window(to), to_complete=unknown)


async def print_letter(letter: PrintedLetter) -> bytes:
    """Makes the PDF/A of a letter, in a thread: about 50 ms. Raises CannotBePrinted."""
    return await asyncio.to_thread(_typeset, laid_out(letter))


async def preview_letter(letter: PrintedLetter) -> bytes:
    """Makes a letter's PDF to be read before it leaves, in a thread: it bears no departure code.

    Raises CannotBePrinted.
    """
    parts = laid_out(letter) | {"code": "", "code_label": "", "qr": ""}
    return await asyncio.to_thread(_typeset, parts)


def bare(parts: Mapping[str, Any], body: str) -> bytes:
    """Makes the PDF/A of a letter without code or signature; blocks the calling thread.

    `parts`: the others by place, as `laid_out` names them; `body`: paragraphs between empty
    lines. Raises CannotBePrinted.
    """
    said = [part for paragraph in body.split("\n\n") for part in _parts(paragraph)]
    nothing = {"blanks": 0, "closing": [], "signature": [], "code": "", "code_label": "", "qr": ""}
    nothing |= {"after": []}
    return _typeset({**nothing, **parts, "body": said})


def _typeset(parts: Mapping[str, Any]) -> bytes:
    return typeset(LAYOUT, {"letter": parts})


def laid_out(letter: PrintedLetter) -> dict[str, Any]:
    """Returns the parts of a letter by their place on the page, as data for letter.typ.

    authority, service, references: [line], place, address: [line], blanks, subject,
    signature: [line], foot: [line], code, code_label, qr (SVG); body, closing and after:
    [{kind: text, lines: [line]} | {kind: list, items: [line]}].
    """
    context, text = letter.context, letter.text
    head, *references = text.head.split("\n\n")
    place = references.pop() if references else ""
    names = {context.office.authority, context.office.service}
    others = [line for line in head.splitlines() if line not in names]
    body, signature = _signed(text.body, context.office.signatory)
    closing = [body.pop()] if signature and len(body) > 1 else []
    return {
        "authority": context.office.authority,
        "service": context.office.service,
        "references": [*others, *(line for part in references for line in part.splitlines())],
        "place": place,
        "address": list(letter.address),
        "blanks": _BLANKS - len(letter.address) if letter.to_complete else 0,
        "subject": text.subject,
        "body": [part for paragraph in [text.opening, *body] for part in _parts(paragraph)],
        "closing": [part for paragraph in closing for part in _parts(paragraph)],
        "signature": signature,
        "after": [part for said in text.after.split("\n\n") for part in _parts(said)],
        "foot": [line for line in text.foot.splitlines() if line],
        "code": letter.code,
        "code_label": context.reference,
        "qr": qr.svg(letter.code),
    }


def _signed(body: str, signatory: str) -> tuple[list[str], list[str]]:
    """The paragraphs, and the signature block that ends them, if the text has one."""
    paragraphs = body.split("\n\n")
    if paragraphs and paragraphs[-1].startswith(signatory):
        return paragraphs[:-1], paragraphs[-1].splitlines()
    return paragraphs, []


def _parts(paragraph: str) -> list[dict[str, Any]]:
    """A paragraph as runs of plain lines and of list items."""
    parts: list[dict[str, Any]] = []
    for line in paragraph.splitlines():
        item = line.startswith("- ")
        kind, field = ("list", "items") if item else ("text", "lines")
        if not parts or parts[-1]["kind"] != kind:
            parts.append({"kind": kind, field: []})
        parts[-1][field].append(line[2:] if item else line)
    return parts
