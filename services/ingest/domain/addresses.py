"""Addresses as headers write them, and the three ways in which a site's tables name them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from services.ingest.domain.address_tokens import Token, bare, tokens
from services.ingest.domain.decoding import clean, header

_MOST = 500
_READ = 100_000
_BLANKS = re.compile(r"\s+")
_PARTED = re.compile(r"\s*([^\s@]+)\s*@\s*([^\s@]+\.[^\s@]+)\s*")


@dataclass(frozen=True, slots=True)
class Address:
    """The name and address of one mailbox in a mail header; a stranger's text, never trusted."""

    name: str
    address: str
    """Lower case, `local@domain`; `""` when the header holds none."""

    @property
    def domain(self) -> str:
        """The domain of the mail address: the part after the last @."""
        return self.address.rpartition("@")[2]

    @property
    def local(self) -> str:
        """The local part of the mail address: everything before the last @."""
        return self.address.rpartition("@")[0]


def addresses(values: Iterable[str]) -> tuple[Address, ...]:
    """Parses raw header values into mail addresses, at most 500.

    A comma parts two senders only where an address stands before it: `Dupont, Jean <a@b.fr>` is
    one. Names are decoded afterwards; only the beginning of a very long value is read.
    """
    found: list[Address] = []
    for value in values:
        for address in _addresses(tuple(tokens(clean(value)[:_READ]))):
            found.append(address)
            if len(found) == _MOST:
                return tuple(found)
    return tuple(found)


def _addresses(parts: Sequence[Token]) -> Iterator[Address]:
    last_end = max((n for n, part in enumerate(parts) if part.is_end(";")), default=-1)
    before, piece, group = list[Token](), list[Token](), False
    for number, part in enumerate(parts):
        if part.kind == "colon" and number < last_end and _may_name_a_group(piece):
            before, piece, group = [], [], True
        elif part.kind == "end":
            here = list(_of_piece(before, piece))
            yield from here
            closes = group and part.is_end(";")
            # Without an address it was a name with a comma in it, or the rest of a group.
            if here or closes:
                before.clear()
            else:
                before += [*piece, part]
            piece, group = [], group and not closes
        else:
            piece.append(part)
    here = list(_of_piece(before, piece))
    yield from here
    name = "" if here else _name([*before, *piece]).strip(" ,;")
    # What is left of a group (`undisclosed-recipients:`) is no person.
    if name and not name.endswith(":"):
        yield Address(name, "")


def _may_name_a_group(piece: Sequence[Token]) -> bool:
    words = "".join(part.text for part in piece).strip().lower()
    return "@" not in words and words != "mailto"


def _of_piece(before: Sequence[Token], piece: Sequence[Token]) -> Iterator[Address]:
    """The addresses of what stands between two commas; usually one, with all words as its name."""
    angles = [n for n, part in enumerate(piece) if part.kind == "angle" and bare(part.text)]
    if angles:
        name = _name([*before, *piece[: angles[0]]]) or _comments(piece)
        known = dict.fromkeys(bare(piece[n].text) for n in angles)
        for address in known:
            yield Address(name, address)
            name = ""
        return
    words = _outside_comments(piece).split()
    for n, word in reversed(list(enumerate(words))):
        if "@" in word and (address := bare(word)):
            said = "".join(part.written for part in before) + " ".join(words[:n])
            yield Address(_comments(piece) or _spoken(said), address)
            return


def _outside_comments(piece: Sequence[Token]) -> str:
    text = ""
    for part, behind in zip_longest(piece, piece[1:]):
        if part.kind == "comment":
            text += " "
        elif part.kind == "quoted" and behind is not None and behind.text.startswith("@"):
            # A local part; one with blanks in it is none that we can use.
            text += _BLANKS.sub("<", part.text)
        else:
            text += part.text
    parted = _PARTED.fullmatch(text)
    return f"{parted[1]}@{parted[2]}" if parted else text


def _comments(piece: Sequence[Token]) -> str:
    return _spoken(next((part.text for part in piece if part.kind == "comment"), ""))


def _name(piece: Sequence[Token]) -> str:
    return _spoken("".join(part.written for part in piece if part.kind != "angle"))


def _spoken(raw: str) -> str:
    return " ".join(header(raw.strip()).split()).strip("'\" ")


class AddressList:
    """A set of mail address patterns (`a@b.fr`, `*@b.fr`, `*@*.b.fr`), looked up by hash."""

    def __init__(self, patterns: Sequence[str]) -> None:
        lowered = [pattern.lower() for pattern in patterns]
        self._exact = frozenset(p for p in lowered if not p.startswith("*@"))
        self._domains = frozenset(p[2:] for p in lowered if p.startswith("*@") and p[2:3] != "*")
        self._parents = frozenset(p[4:] for p in lowered if p.startswith("*@*."))

    def __contains__(self, address: str) -> bool:
        """Whether one of the patterns matches this mail address, in any case."""
        lowered = address.lower()
        if lowered in self._exact:
            return True
        domain = lowered.rpartition("@")[2]
        if domain in self._domains:
            return True
        while self._parents and domain:
            domain = domain.partition(".")[2]
            if domain in self._parents:
                return True
        return False

    def __bool__(self) -> bool:
        return bool(self._exact or self._domains or self._parents)
