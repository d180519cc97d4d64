"""From octets in some charset, declared truly or not, to text that PostgreSQL and JSON accept.

The charset is what a browser reads under the declared name (shared/content/charsets.py): guessing
libraries did worse on French mail (cp775 for « été »). A NUL or a lone surrogate never leaves this
module.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Sequence

from shared.content import charsets

WORD_PAYLOAD = r"(?:[^?=]|=(?!\?[^=])|\?(?!=))"
"""One letter of what an encoded word holds: programs leave question marks in it, as they are."""
_ENCODED = re.compile(rf"=\?([^?\s]{{1,60}})\?([bBqQ])\?({WORD_PAYLOAD}*+)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(=\?[^?\s]{1,60}\?[bBqQ]\?)")
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """Returns a text without control characters and lone surrogates, with Unix line ends."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def text(octets: bytes, declared: str) -> str:
    """Decodes the octets of an email part into text, even when its declared charset is wrong."""
    return clean(charsets.text_of(octets, declared))


def header(raw: str) -> str:
    """Decodes the encoded words (RFC 2047) of a header's value; malformed parts stay."""
    joined = _BETWEEN.sub(r"\1\2", raw)
    if "=?" not in joined:
        return clean(joined)
    pieces: list[str] = []
    run, charset, position = list[bytes](), "", 0
    for found in _ENCODED.finditer(joined):
        octets = _word(found[2], found[3])
        word_charset = found[1].partition("*")[0].lower()
        if found.start() != position or word_charset != charset:
            pieces += [_decoded(run, charset), joined[position : found.start()]]
            run, charset = [], word_charset
        # A character cut between two words of one charset is whole only in their joined octets.
        run.append(octets)
        position = found.end()
    pieces += [_decoded(run, charset), joined[position:]]
    return clean("".join(pieces))


def _decoded(run: Sequence[bytes], charset: str) -> str:
    octets = b"".join(run)
    return text(octets, charset) if octets else ""


def _word(encoding: str, payload: str) -> bytes:
    octets = payload.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(octets, header=True)
    try:
        return base64.b64decode(octets + b"=" * (-len(octets) % 4))
    except (binascii.Error, ValueError):
        return octets
