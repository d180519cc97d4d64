"""What the sender wrote, what they quoted, and what somebody forwarded.

Read line by line, each line once: the library for it needed minutes for a mail of blank lines.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.ingest.domain.addresses import Address, addresses

_ATTRIBUTION_STARTS = re.compile(r"^\s*(le|on|am|en date du)\s", re.IGNORECASE)
_ATTRIBUTION_ENDS = re.compile(r"(a écrit|écrivait|wrote|schrieb.{0,80})\s*:\s*$", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"^\s*[-_*]{2,}\s*(message d['’]origine|original message|message original"
    r"|(?:(?:e-?)?mail|courriel) original|e-?mail d['’]origine)\s*[-_*]{2,}\s*$",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"^\s*(?:[-_*]{2,}\s*(?:message transféré|forwarded message|message d['’]origine transféré"
    r"|transféré par)[^\n]{0,120}|d[ée]but du message (?:transféré|réexpédié)\s*:"
    r"|begin forwarded message\s*:)\s*$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^[\s>*]*(de|from|envoyé|date|sent|à|pour|to|cc|copie à|objet|sujet|subject|répondre à"
    r"|reply-to|von|gesendet|an|betreff|enviado el|enviado|enviada em|para|asunto|assunto"
    r"|da|inviato|a|oggetto|van|verzonden|aan|onderwerp)\s*(?:\*\s*)?:"
    r"\s*\*?\s*(.*)$",
    re.IGNORECASE,
)
_FROM = frozenset({"de", "from", "von", "da", "van"})
_DATED = frozenset(
    {
        *("envoyé", "date", "sent", "gesendet", "enviado el", "enviado", "enviada em", "inviato"),
        "verzonden",
    }
)
_SUBJECT = frozenset(
    {"objet", "sujet", "subject", "betreff", "asunto", "assunto", "oggetto", "onderwerp"}
)
_NAMED = _SUBJECT | {"à", "pour", "to", "an", "para", "a", "aan"}
"""What the programs of Europe call the fields above a message that they quote or forward."""
_NAMED_ADDRESS = re.compile(r"<[^<>@]{1,200}@[^<>@]{1,200}>")
_RULE = re.compile(r"^\s*_{10,}\s*$")
_FORWARD_SUBJECT = re.compile(r"^\s*(tr|fwd?|transf|i|wg|rv|enc)\s*:", re.IGNORECASE)
_READ_LINES = 20_000
HTML_SIGN = ">\N{NO-BREAK SPACE}"
"""Before a line that a mail's HTML marks as quoted: who answers may write inside the mark."""


@dataclass(frozen=True, slots=True)
class PartedText:
    """The text of an email in parts: `own`, the sender's words for the rules, and `quoted`.

    `unsure`: quoted lines in which the sender may have answered.
    """

    own: str
    quoted: str
    unsure: str = ""
    """Of `quoted`, the lines that no sign says to be quoted: the sender may have answered there."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A message that a colleague forwarded: `note` is the colleague's, the rest the original's."""

    note: str
    sender: Address
    subject: str
    text: str
    unsure: str
    """What may be quoted in it, or not (`PartedText`)."""


def part_text(text: str) -> PartedText:
    """Separates the sender's own lines of an email from quoted ones, wherever they stand.

    From the header of an original mail on, all is quoted.
    """
    lines = text.split("\n")
    own: list[str] = []
    quoted: list[str] = []
    unsure: list[str] = []
    last_sign = _last_sign(lines)
    at = 0
    while at < min(len(lines), _READ_LINES):
        if _ORIGINAL.match(lines[at]) or _header_block(lines, at):
            if own and _RULE.match(own[-1]):
                quoted.append(own.pop())
            break
        length = _attribution(lines, at)
        if length:
            quoted += lines[at : at + length]
            at += length
            if own and at > last_sign and _names_an_address(lines[at - length : at]):
                unsure += lines[at:]
                break
        elif _escaped_from(lines, at):
            own.append(lines[at][1:])
            at += 1
        elif lines[at].lstrip().startswith(">"):
            quoted.append(lines[at])
            unsure += lines[at : at + 1] * lines[at].startswith(HTML_SIGN)
            at += 1
        else:
            own.append(lines[at])
            at += 1
    # Of a very long text nobody looks for quotations: no word of it escapes the rules.
    (own if at >= _READ_LINES else quoted).extend(lines[at:])
    return PartedText(*("\n".join(part).strip() for part in (own, quoted, unsure)))


def _last_sign(lines: Sequence[str]) -> int:
    """Where the last line stands that a sign says to be quoted; before all when there is none."""
    signs = (at for at in reversed(range(len(lines))) if lines[at].lstrip().startswith(">"))
    return next(signs, -1)


def _names_an_address(attribution: Sequence[str]) -> bool:
    """Whether all below may be quoted though no line says so, as Yahoo's webmail does.

    Its attribution names an address: « Le 3 mai, mon mari a écrit : » is part of a letter.
    """
    return _NAMED_ADDRESS.search("".join(attribution)) is not None


def _escaped_from(lines: Sequence[str], at: int) -> bool:
    """Whether a mailbox file put the sign before a line that began with the word From."""
    around = (lines[at - 1] if at else "", lines[at + 1] if at + 1 < len(lines) else "")
    alone = not any(line.lstrip().startswith(">") for line in around)
    return alone and lines[at].startswith(">From ")


def _attribution(lines: Sequence[str], at: int) -> int:
    """How many lines « Le …, X a écrit : » takes here; mail programs wrap it over three."""
    if not _ATTRIBUTION_STARTS.match(lines[at]):
        return 0
    for length in range(1, 4):
        if at + length > len(lines) or not lines[at + length - 1].strip():
            return 0
        if _ATTRIBUTION_ENDS.search(lines[at + length - 1][-200:]):
            return length
    return 0


def _header_block(lines: Sequence[str], at: int, *, marked: bool = False) -> dict[str, str]:
    """The fields of « De : … Envoyé : … Objet : … » starting here; empty when it is none.

    `marked`: it stands below a line that announces it, and may begin with any field.
    """
    first = _HEADER.match(lines[at])
    if first is None or (first[1].lower() not in _FROM and not marked):
        return {}
    fields: dict[str, str] = {}
    for line in lines[at : at + 8]:
        found = _HEADER.match(line)
        if found is None:
            break
        fields.setdefault(found[1].lower(), found[2].strip())
    said = fields.keys()
    return fields if said & _DATED and said & _NAMED and said & _FROM else {}


def has_header(text: str) -> bool:
    """Returns whether a header of another message stands in a text, or a line that announces it."""
    lines = text.split("\n")[:_READ_LINES]
    return any(_FORWARDED.match(line) or _header_block(lines, n) for n, line in enumerate(lines))


def find_forwarded(subject: str, text: str) -> Forwarded | None:
    """Finds the message that an email forwards; `None` unless the text names its sender."""
    lines = text.split("\n")[:_READ_LINES]
    marked = next((i for i, line in enumerate(lines) if _FORWARDED.match(line)), None)
    if marked is None and not _FORWARD_SUBJECT.match(subject):
        return None
    for at in range(marked or 0, len(lines)):
        fields = _header_block(lines, at, marked=marked is not None)
        if not fields:
            continue
        sender = next(iter(addresses([_of(fields, _FROM)])), None)
        if sender is None:
            return None
        body = at
        while body < len(lines) and _HEADER.match(lines[body]):
            body += 1
        parted = part_text("\n".join(_unquoted(lines[body:])))
        return Forwarded(
            note="\n".join(lines[: marked if marked is not None else at]).strip(),
            sender=sender,
            subject=_of(fields, _SUBJECT),
            text=parted.own,
            unsure=parted.unsure,
        )
    return None


def _of(fields: Mapping[str, str], names: Collection[str]) -> str:
    return next((value for name, value in fields.items() if name in names and value), "")


def _unquoted(lines: Sequence[str]) -> Sequence[str]:
    """The lines of a forwarded message without the sign of quotation that all of them have."""
    if all(line.lstrip().startswith(">") for line in lines if line.strip()):
        return [line.lstrip().removeprefix(">").removeprefix(" ") for line in lines]
    return lines
