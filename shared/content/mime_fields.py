"""What the header fields of a MIME part say: its type, its parameters, its file's name."""

import re
from collections.abc import Mapping
from typing import Final

_BRACKET = re.compile(r"([()])")
_NAME = {
    parameter: re.compile(
        rf';\s*{parameter}\s*=\s*(?:"((?:[^"\\]|\\.){{0,2000}})"|(=\?[^\s"]{{1,2000}}\?=))',
        re.IGNORECASE,
    )
    for parameter in ("filename", "name")
}

LONGEST_NAME: Final = 250
"""Letters of a file's name that are kept."""
_EXTENSION: Final = 12
"""Letters, the dot included: what is longer, or has a blank, is a sentence's end."""


_DESCRIBES = re.compile(
    rb"^content-(?:type|disposition)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE
)
_LONG_FIELD = 20_000
_PARAMETERS = 200


def briefly_described(octets: bytes) -> bytes:
    """Returns an email with overlong header fields of its MIME parts cut short.

    Python's parser reads the parameters of a part in a time that grows with their square. Cut
    are what follows the first 200 parameters of a field, and what follows its first 20,000
    octets.
    """
    if octets.count(b";") <= _PARAMETERS:
        return octets
    return _DESCRIBES.sub(_cut, octets)


def _cut(field: re.Match[bytes]) -> bytes:
    whole = field[0]
    if len(whole) <= _LONG_FIELD and whole.count(b";") <= _PARAMETERS:
        return whole
    return b";".join(whole[:_LONG_FIELD].split(b";", _PARAMETERS)[:_PARAMETERS])


def media_type(declared: str) -> str:
    """Returns a media type in lower case; `text/plain` for what is none, as RFC 2045 has it."""
    kind, _, sort = declared.strip().lower().partition("/")
    return f"{kind}/{sort}" if kind and sort else "text/plain"


def whole_name(name: str, said: Mapping[str, str]) -> str:
    """Returns an attached file's whole name, which fast_mail_parser cuts at a semicolon.

    `name`: as that parser has it; `said`: the fields of the part's header, by name in lower
    case.
    """
    if '"' not in name and not name.startswith("=?"):
        return name.replace("\\\\", "\\")
    for field, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        found = _NAME[parameter].search(said.get(field, ""))
        if found is not None:
            return (found[1] or found[2]).replace('\\"', '"').replace("\\\\", "\\")
    return name.strip('"')


def without_comments(value: str) -> str:
    """Returns a header field's value without its comments in round brackets, closed or not."""
    kept: list[str] = []
    depth = 0
    for piece in _BRACKET.split(value):
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(piece)
    return "".join(kept)


def joins_lines(declared: str) -> bool:
    """Whether a Content-Type says that a blank at a line's end joins it to the next line.

    By RFC 3676 (`format=flowed; delsp=yes`); that blank then goes.
    """
    flowed = parameter(declared, "format").lower() == "flowed"
    return flowed and parameter(declared, "delsp").lower() == "yes"


def parameter(value: str, name: str) -> str:
    """Returns a parameter of a header field's value, cut to sixty letters; `""` without it."""
    found = re.search(rf";\s*{name}\s*=\s*\"?([^\";\s]{{1,60}})", value, re.IGNORECASE)
    return found[1] if found else ""


def shorten_name(name: str, most: int = LONGEST_NAME) -> str:
    """Cuts a file's name to `most` letters; one that is cut keeps its extension.

    By that end a computer knows with which program the file is opened.
    """
    if len(name) <= most:
        return name
    stem, dot, extension = name.rpartition(".")
    end = f"{dot}{extension}"
    if not stem or len(end) > _EXTENSION or not extension.isalnum():
        return name[:most]
    return stem[: most - len(end)] + end
