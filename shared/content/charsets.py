"""The charsets in which mails are written, and text from octets in one that may be said wrongly.

Names mean what browsers read under them (WHATWG's Encoding Standard): `iso-8859-1` and `us-ascii`
are windows-1252, `gb2312` is gb18030. Octets that are UTF-8 are read as such where a charset of one
octet a letter is said, because French in such a charset never looks like it; an octet that fits
nowhere costs itself and not its text.
"""

import codecs
import re
from encodings.aliases import aliases
from functools import lru_cache

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
_CHARSETS |= {
    **{
        name: "cp1252"
        for name, codec in _CHARSETS.items()
        if codec in {"latin_1", "iso8859_1", "ascii"}
    },
    **dict.fromkeys(("ansi", "x_ansi", "windows", "cp_1252", "x_user_defined"), "cp1252"),
    **{name: "cp1254" for name, codec in _CHARSETS.items() if codec == "iso8859_9"},
    **{name: "cp874" for name, codec in _CHARSETS.items() if codec in {"iso8859_11", "tis_620"}},
    **dict.fromkeys(("dos_874", "windows_874"), "cp874"),
    **{name: "gb18030" for name, codec in _CHARSETS.items() if codec in {"gb2312", "gbk"}},
    **dict.fromkeys(("x_gbk", "gb_2312_80", "chinese"), "gb18030"),
    **{name: "cp932" for name, codec in _CHARSETS.items() if codec == "shift_jis"},
    **dict.fromkeys(("x_sjis", "windows_31j", "ms_kanji"), "cp932"),
    **{name: "cp949" for name, codec in _CHARSETS.items() if codec == "euc_kr"},
    **dict.fromkeys(("ks_c_5601_1989", "windows_949"), "cp949"),
    **{name: "big5hkscs" for name, codec in _CHARSETS.items() if codec == "big5"},
    **dict.fromkeys(("cn_big5", "x_x_big5"), "big5hkscs"),
    "x_euc_jp": "euc_jp",
    **dict.fromkeys(
        ("unicode_1_1_utf_8", "unicode11utf8", "unicode20utf8", "x_unicode20utf8"), "utf_8"
    ),
    **dict.fromkeys(("x_mac_roman", "mac", "x_macintosh"), "mac_roman"),
    **dict.fromkeys(("x_mac_cyrillic", "x_mac_ukrainian"), "mac_cyrillic"),
    **dict.fromkeys(
        ("iso_8859_8_i", "iso_8859_8_e", "csiso88598i", "logical", "visual"), "iso8859_8"
    ),
    **dict.fromkeys(("iso_8859_6_i", "iso_8859_6_e"), "iso8859_6"),
}
"""Names as browsers take them, and those that some mail programs made up."""
_LABEL = re.compile(r"[\w:.+()-]+")
_BARE_NUMBER = re.compile(r"^(?:x_)?(cp|ibm|dos|windows|win)_?(\d{3,4})$")
_WIDE = frozenset(
    {
        *("cp932", "cp949", "cp950", "big5hkscs", "gb18030", "hz", "johab", "euc_jp", "euc_kr"),
        *("euc_jis_2004", "euc_jisx0213", "shift_jis_2004", "shift_jisx0213", "utf_7", "utf_16"),
        *("utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le"),
    }
)
"""Charsets of several octets a letter; beside those of ISO 2022."""
_C1 = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}
"""No mail has control characters of this range: they are letters of windows-1252, said wrongly."""
_ANY_C1 = re.compile("[\x80-\x9f]")
_AS_ASCII = frozenset({"utf_8", "utf_8_sig", "cp1252"})
"""In which octets below 128 are what they are in ASCII; the commonest, not all."""
_MANY = 3
"""Letters of UTF-8 to a damaged octet that make the whole UTF-8: « Ã© » is hardly ever written."""
_OCTET_BY_OCTET = "vaguemestre-octets"


def _one_by_one(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error(_OCTET_BY_OCTET, _one_by_one)


@lru_cache(maxsize=128)
def codec_of(declared: str) -> str | None:
    """Returns the Python codec for a charset name found in an email; `None` when unknown."""
    found = _LABEL.search(declared.lower())
    name = _NOT_NAMED.sub("_", found[0] if found else "").strip("_")
    page = _BARE_NUMBER.match(name)
    return _CHARSETS.get(name) or (_CHARSETS.get(f"cp{page[2]}") if page else None)


def text_of(octets: bytes, declared: str) -> str:
    """Decodes octets by the charset that an email declares (`""`: none), or as UTF-8 if they are.

    Never raises, whatever the octets are.
    """
    codec = codec_of(declared) or "utf_8"
    if codec in _AS_ASCII and octets.isascii():
        return octets.decode("ascii")
    if codec in {"utf_8", "utf_8_sig"} or _is_utf8(octets, codec):
        found = octets.removeprefix(codecs.BOM_UTF8).decode("utf_8", _OCTET_BY_OCTET)
    else:
        found = octets.decode(codec, "replace")
    return found.translate(_C1) if _ANY_C1.search(found) else found


def _is_utf8(octets: bytes, codec: str) -> bool:
    """Whether octets said to be in another charset are UTF-8, some damaged ones apart."""
    if octets.isascii():
        return False
    wide = codec in _WIDE or codec.startswith("iso2022")
    try:
        octets.decode("utf_8")
    except UnicodeDecodeError:
        if wide:
            return False
    else:
        return not wide or not _decodes(octets, codec)
    read = octets.decode("utf_8", "replace")
    damaged = read.count("\ufffd")
    return sum(letter > "\x7f" for letter in read) - damaged > _MANY * damaged


def _decodes(octets: bytes, codec: str) -> bool:
    try:
        octets.decode(codec)
    except ValueError:
        return False
    return True


def load() -> None:
    """Imports every charset codec now, because a sandboxed process can't do it later."""
    # With the last one Python's parser joins the pieces of a file's name.
    for codec in (*_CODECS, "raw_unicode_escape"):
        codecs.lookup(codec)
