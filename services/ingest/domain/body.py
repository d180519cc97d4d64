"""The body of a mail: which of its parts are what the sender wrote, and their text."""

import re
from collections.abc import Sequence

from services.ingest.domain import decoding, html
from shared.content.mail_lines import headers, straighten
from shared.content.mime import Leaf, leaves

_TEXT = 1_000_000
"""Characters of text that are read; the rest stays in the original."""
_FEW_WORDS = 4
"""A plain part with four times fewer words than the HTML is a footer or « enable HTML »."""
_SAME = 0.5
"""The plain part says what the HTML says when at least this share of its words stands there."""
_SURELY = 0.9
"""The same of HTML whose marks were only taken out."""
_STUB = 60
"""Words at most of a plain part that only asks for a program that shows HTML."""
_LONG_LINE = 60
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n|\r[ \t]*\r")
_RAW = 100_000
_FEW_ODD = 8
"""More than one letter in so many that is none (accents of another charset are) makes it noise."""
_META = re.compile(
    rb"<meta[^<>]{1,300}?charset\s{0,9}=\s{0,9}[\"']?([\w:.+-]{1,60})", re.IGNORECASE
)
_META_WITHIN = 4_096
_JOINED_LINE = re.compile(r"(?<!^--) \n(?!>)", re.MULTILINE)
"""Where a line goes on in the next one; behind the two dashes of a signature it does not."""
_FILES = frozenset(
    {
        *("text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/csv", "text/xml"),
        *("text/rtf", "text/richtext", "text/css", "text/javascript", "text/x-amp-html"),
        *("text/rfc822-headers", "text/x-moz-deleted"),
    }
)
"""Texts that are files for a program, and nothing that somebody reads in a mail."""
_BEGINS_WITH = frozenset({"content-type", "subject", "from", "message-id", "mime-version"})
PARTIAL = "message/partial"


def is_body(leaf: Leaf) -> bool:
    """Whether a part of an email is text that its sender wrote, and no attached file."""
    return (
        leaf.media_type in {"text/plain", "text/html"}
        and leaf.disposition != "attachment"
        and not leaf.name
    )


def body(parts: Sequence[Leaf], *, plainly: bool) -> tuple[str, str]:
    """Returns an email body as text and as sanitised HTML, which is "" where there is none to show.

    `plainly`: HTML is not parsed; its words become the text where there is no other, and the HTML
    returned is "".
    """
    bodies = [leaf for leaf in parts if is_body(leaf)]
    if not bodies:
        return _of_a_fragment(parts) or _shown_in_place(parts), ""
    plain = _joined(bodies, "text/plain")
    if len(bodies) == 1 and plain:
        return plain, ""
    written_html = _joined(bodies, "text/html")
    if plainly:
        return plain or decoding.clean(html.words_of(written_html)), ""
    marked = html.sanitise(written_html)
    if _says_all_of(plain, html.words_shown(marked)):
        return plain, html.without_marks(marked)
    laid_out = decoding.clean(html.text_of(marked))[:_TEXT]
    if not plain.strip() and not laid_out.strip():
        laid_out = decoding.clean(html.words_of(written_html)).strip()
    return _chosen(plain, laid_out), html.without_marks(marked)


def _says_all_of(plain: str, shown: str) -> bool:
    """Whether a plain part is as good as what `_chosen` would take, of HTML that is not laid out.

    To lay it out costs as much as all else in such a mail.
    """
    words, known = plain.split(), shown.casefold().split()
    if len(words) * 2 <= len(known) or not known:
        return False
    return sum(map(set(known).__contains__, plain.casefold().split())) >= _SURELY * len(words)


def _chosen(plain: str, laid_out: str) -> str:
    """The text that says more; both where the plain part is another text than the HTML."""
    words, shown = plain.split(), laid_out.split()
    if not words or not shown:
        return plain or laid_out
    known = {word.casefold() for word in shown}
    if sum(word.casefold() in known for word in words) >= _SAME * len(words):
        return plain if len(words) * _FEW_WORDS > len(shown) else laid_out
    if len(words) <= _STUB and any("html" in word.casefold() for word in words):
        return laid_out
    return f"{plain}\n\n{laid_out}"[:_TEXT]


def _joined(bodies: Sequence[Leaf], media_type: str) -> str:
    texts = (_text(leaf) for leaf in bodies if leaf.media_type == media_type)
    return "\n\n".join(text for text in texts if text.strip())[:_TEXT]


def _text(leaf: Leaf) -> str:
    declared = leaf.charset
    if not declared and leaf.media_type == "text/html":
        named = _META.search(leaf.content, 0, _META_WITHIN)
        declared = named[1].decode() if named is not None else ""
    read = decoding.text(leaf.content[: 2 * _TEXT], declared)
    return _JOINED_LINE.sub("", read) if leaf.joins_lines else read


def _shown_in_place(parts: Sequence[Leaf]) -> str:
    """The text of a mail that is one file to be shown, or text of a kind that nobody knows.

    It stays among the files too: nothing of it is lost with what is taken for its marks.
    """
    shown = next((leaf for leaf in parts if leaf.media_type.startswith("text/")), None)
    if shown is None or shown.disposition == "attachment" or shown.media_type in _FILES:
        return ""
    text = _text(shown)[:_TEXT]
    marked = shown.media_type in {"text/html", "text/enriched"}
    return decoding.clean(html.words_of(text)) if marked else text


def _of_a_fragment(parts: Sequence[Leaf]) -> str:
    """What stands in one part of a divided message: the first is a mail, others go on somewhere."""
    fragment = next((leaf for leaf in parts if leaf.media_type == PARTIAL), None)
    if fragment is None:
        return ""
    if any(name.lower() in _BEGINS_WITH for name, _ in headers(fragment.content)):
        return _joined([leaf for leaf in leaves(fragment.content) if is_body(leaf)], "text/plain")
    text = decoding.text(fragment.content[:_TEXT], "")
    lines = [line for line in text.splitlines() if line.strip()]
    encoded = sum(len(line) >= _LONG_LINE and " " not in line.strip() for line in lines)
    return "" if encoded * 2 > len(lines) else text.strip()


def raw_text(octets: bytes) -> str:
    """Returns the lines below an unreadable email's header, to show to a person; `""` for noise.

    Without a header all lines are returned.
    """
    read = straighten(octets[:_RAW])
    below = _BLANK_LINE.split(read, maxsplit=1)[-1] if headers(read) else read
    plain = below.decode("utf-8", "replace")
    odd = sum(letter == "\ufffd" or (letter < " " and letter not in "\t\r\n") for letter in plain)
    return "" if odd * _FEW_ODD > len(plain) else decoding.text(below, "").strip()
