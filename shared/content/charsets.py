"""The charsets in which mails are written, by the names that they are given there."""

import codecs
import re
from encodings.aliases import aliases

_NOT_NAMED = re.compile(r"[^a-z0-9]+")
_CODECS = frozenset(
    {
        *("ascii", "utf_8", "utf_8_sig", "utf_7", "utf_16", "utf_16_be", "utf_16_le"),
        *("utf_32", "utf_32_be", "utf_32_le", "latin_1", "koi8_r", "koi8_u", "koi8_t", "kz1048"),
        *(f"iso8859_{number}" for number in range(1, 17) if number != 12),  # noqa: PLR2004  (there is none)
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


def codec_of(declared: str) -> str | None:
    """Returns the Python codec for a charset name found in a mail; `None` when unknown."""
    return _CHARSETS.get(_NOT_NAMED.sub("_", declared.lower()).strip("_"))


def load() -> None:
    """Imports every charset codec now, because a sandboxed process can't do it later."""
    for codec in _CODECS:
        codecs.lookup(codec)
