"""From octets in some charset, declared truly or not, to text that PostgreSQL and JSON accept.

Declared charset, then strict UTF-8, then cp1252, then replacement: guessing libraries
did worse on French mail (cp775 for « été »). A NUL or a lone surrogate never leaves this module.
"""

import base64
import binascii
import codecs
import quopri
import re
from collections.abc import Sequence
from encodings.aliases import aliases

_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(=\?[^?\s]{1,60}\?[bBqQ]\?)")
_NOT_NAMED = re.compile(r"[^a-z0-9]+")
_CODECS = frozenset(
    {
        *("ascii", "utf_8", "utf_8_sig", "utf_7", "utf_16", "utf_16_be", "utf_16_le"),
        *("utf_32", "utf_32_be", "utf_32_le", "latin_1", "koi8_r", "koi8_u", "koi8_t", "kz1048"),
        *(f"iso8859_{number}" for number in range(1, 17) if number != 12),  # noqa: PLR2004
        *(f"cp{number}" for number in range(1250, 1259)),
        *(f"cp{number}" for number in (437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862)),
        *(f"cp{number}" for number in (863, 864, 865, 866, 869, 874, 932, 949, 950, 1006, 1125)),
        *("mac_roman", "mac_latin2", "mac_greek", "mac_cyrillic", "mac_turkish", "mac_iceland"),
        *("big5", "big5hkscs", "gb2312", "gbk", "gb18030", "hz", "tis_620", "ptcp154", "johab"),
        *("euc_jp", "euc_jis_2004", "euc_jisx0213", "euc_kr", "shift_jis", "shift_jis_2004"),
        *("shift_jisx0213", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_2004"),
        *("iso2022_jp_3", "iso2022_jp_ext", "iso2022_kr"),
    }
)
"""What mails are written in. Python decodes much else under such a name: domain names (`idna` and
`punycode` take minutes for 250 kB), escapes, archives."""
_CHARSETS = {
    _NOT_NAMED.sub("_", name): codec for name, codec in aliases.items() if codec in _CODECS
}
_CHARSETS |= {codec: codec for codec in _CODECS}
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def load_charsets() -> None:
    """Import every codec now: a confined process can't any more when it needs one."""
    for codec in _CODECS:
        codecs.lookup(codec)


def clean(text: str) -> str:
    """Without control characters or lone surrogates, and with Unix line ends."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def text(octets: bytes, declared: str) -> str:
    """Text of a part, whatever its declared charset is worth."""
    said = _NOT_NAMED.sub("_", declared.lower()).strip("_")
    for charset in (_CHARSETS.get(said), "utf-8", "cp1252"):
        if charset is None:
            continue
        try:
            return clean(octets.decode(charset))
        except ValueError:  # not these octets
            continue
    return clean(octets.decode("cp1252", errors="replace"))


def header(raw: str) -> str:
    """A header's value with its encoded words decoded; what is malformed stays as it came."""
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
