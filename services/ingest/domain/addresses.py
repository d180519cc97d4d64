"""Addresses as headers write them, and the three ways in which a site's tables name them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.ingest.domain.decoding import clean, header

_MOST = 500
_READ = 100_000
_LONGEST = 254


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

    Names are decoded after splitting at commas; only the beginning of a very long value is read.
    """
    found: list[Address] = []
    for value in values:
        for piece in _pieces(clean(value)[:_READ]):
            one = _address(piece)
            if one is not None:
                found.append(one)
            if len(found) == _MOST:
                return tuple(found)
    return tuple(found)


def _pieces(value: str) -> Iterator[str]:
    """Parts a header at its commas, semicolons and group names, outside quotes and comments."""
    piece: list[str] = []
    quoted, comment = False, 0
    previous = ""
    for character in value:
        if previous == "\\" and (quoted or comment):
            piece.append(character)
            previous = ""
            continue
        previous = character
        if character == '"' and not comment:
            quoted = not quoted
        elif not quoted and character in "()":
            comment = max(0, comment + (1 if character == "(" else -1))
        elif not quoted and not comment and character in ",;":
            yield "".join(piece)
            piece = []
            continue
        piece.append(character)
    yield "".join(piece)


def _address(piece: str) -> Address | None:
    before, angle, after = piece.rpartition("<")
    bare = _bare(after.partition(">")[0]) if angle else ""
    if bare:
        name = before
    else:
        words = [word for word in piece.replace("<", " ").replace(">", " ").split() if "@" in word]
        bare = next(filter(None, (_bare(word.strip("\"'(),;:")) for word in reversed(words))), "")
        name = piece.partition("(")[2].rpartition(")")[0] if bare else piece
    # A group's name (`undisclosed-recipients:`) is no person.
    name = header(name.strip()).strip().strip("'\"").replace('\\"', '"').strip()
    if not bare and (not name or name.endswith(":")):
        return None
    return Address(name, bare)


def _bare(address: str) -> str:
    bare = address.strip().lower()
    local, _, domain = bare.rpartition("@")
    if not local or not domain or any(c.isspace() for c in bare) or len(bare) > _LONGEST:
        return ""
    return bare


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
        labels = domain.split(".")
        return any(".".join(labels[i:]) in self._parents for i in range(1, len(labels)))

    def __bool__(self) -> bool:
        return bool(self._exact or self._domains or self._parents)
