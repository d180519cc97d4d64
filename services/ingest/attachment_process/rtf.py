"""The text of RTF: words, letters by code, paragraphs; tables of fonts, styles and pictures not."""

import re
from itertools import islice

from services.ingest.attachment_process.containers import MOST_TEXT
from shared.content import charsets

_READ = 20_000_000
_MOST_TOKENS = 1_000_000
_DEEPEST = 500
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+"
    rb"|([^\\{}\r\n]+)"
)
_SILENT = frozenset(
    {
        *(b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"themedata"),
        *(b"colorschememapping", b"datastore", b"latentstyles", b"listtable", b"rsidtbl"),
        *(b"listoverridetable", b"generator", b"xmlnstbl", b"fldinst", b"bkmkstart", b"bkmkend"),
    }
)
_SIGNS = {
    **dict.fromkeys((b"par", b"line", b"row", b"sect", b"page"), "\n"),
    **dict.fromkeys((b"tab", b"cell"), "\t"),
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"emdash": "—",
    b"endash": "–",
    b"bullet": "•",
}
_MOST_SKIPPED = 10
_SURROGATES = range(0xD800, 0xE000)


def text_of(octets: bytes) -> str:
    """Returns the text of an RTF file, or what can be read of a broken one."""
    reader = _Reader()
    for found in islice(_TOKEN.finditer(octets[:_READ]), _MOST_TOKENS):
        reader.take(found)
        if reader.size > MOST_TEXT:
            break
    lines = (" ".join(line.split()) for line in reader.text.split("\n"))
    return "\n".join(line for line in lines if line)[:MOST_TEXT]


class _Reader:
    """What is open while RTF is read: groups, the code page, letters that stand for another."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces = list[str]()
        self._run = bytearray()
        self._groups = list[tuple[bool, int]]()
        self._silent = False
        self._page = "cp1252"
        self._instead = 1
        """Letters behind each one by code, for programs that don't know it."""
        self._skip = 0
        self._begins = False
        """The group has just begun: its first word says what it is."""

    @property
    def text(self) -> str:
        """The text that was read."""
        self._flush()
        return "".join(self._pieces)

    def take(self, token: re.Match[bytes]) -> None:
        """Reads on by one token."""
        word, number, octet, sign, brace, plain = token.groups()
        begins, self._begins = self._begins, False
        if brace == b"{":
            if len(self._groups) < _DEEPEST:
                self._groups.append((self._silent, self._instead))
            self._begins = True
        elif brace == b"}":
            self._flush()
            self._silent, self._instead = self._groups.pop() if self._groups else (False, 1)
        elif begins and (sign == b"*" or word in _SILENT):
            self._silent = True
        elif word is not None:
            self._word(word, number)
        elif not self._silent:
            self._letters(bytes.fromhex(octet.decode()) if octet else _sign(sign) or plain or b"")

    def _word(self, word: bytes, number: bytes | None) -> None:
        value = int(number or 0)
        if word == b"ansicpg":
            self._page = f"cp{value}"
        elif word == b"uc":
            self._instead = max(0, min(value, _MOST_SKIPPED))
        elif self._silent:
            return
        elif word == b"u" and number:
            code = value & 0xFFFF
            self._flush()
            self._pieces.append("" if code in _SURROGATES else chr(code))
            self._skip = self._instead
        elif word in _SIGNS:
            self._flush()
            self._pieces.append(_SIGNS[word])

    def _letters(self, octets: bytes) -> None:
        kept, self._skip = octets[self._skip :], max(0, self._skip - len(octets))
        self._run += kept
        self.size += len(kept)

    def _flush(self) -> None:
        if self._run:
            self._pieces.append(charsets.text_of(bytes(self._run), self._page))
            self._run.clear()


def _sign(sign: bytes | None) -> bytes:
    """The letter for which a sign behind a backslash stands, or none."""
    if sign in {b"\\", b"{", b"}"}:
        return sign
    return b" " if sign == b"~" else b""
