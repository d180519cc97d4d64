"""A text as one letter has it, with what letters like it share: worked on once, and filled in.

Wrapping, marking up and encoding a text takes longer than rendering it, and does the same to
letters that differ by their reference, link and code alone. So it is done to the *pattern* of the
text, in which each of these values has a stand-in: as long, and of letters, which such work treats
as it does the signs of those values.
"""

import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import SystemRandom
from typing import Final, Self

PATTERNS: Final = 256
"""Texts made of patterns that are kept: a few for each service and day."""
_LONGEST: Final = 200
_SHAPE: Final = re.compile(
    rf"(https?://)?[A-Za-z0-9][A-Za-z0-9/:.-]{{8,{_LONGEST}}}[A-Za-z0-9]", re.ASCII
)
"""Of a value that has a stand-in: one word, whose signs no wrapping or encoding treats apart."""
_SOFT: Final = "(?:=\n)?"
_TRACE: Final = 5
"""Drawn letters that no text has by chance."""
_DRAWN = dict[str, str]()
"""Of each variable, letters that no text has: drawn anew by each process."""


class AlikeText(str):
    """A text as one letter has it, with its pattern and the value of each stand-in."""

    __slots__ = ("pattern", "values")
    pattern: str
    values: Mapping[str, str]

    @classmethod
    def of(cls, pattern: str, values: Mapping[str, str]) -> Self:
        """Makes the text from its pattern and the values of its stand-ins."""
        text = pattern
        for standing, value in values.items():
            text = text.replace(standing, value)
        made = cls(text)
        made.pattern, made.values = pattern, values
        return made


def stand_in(variable: str, value: str) -> str | None:
    """Returns letters that stand for a value, as many; an address of a page stays one.

    `None`: the value has signs or a length that text is not treated alike with.
    """
    shape = _SHAPE.fullmatch(value)
    if shape is None:
        return None
    if variable not in _DRAWN:
        _DRAWN[variable] = "".join(
            SystemRandom().choices(string.ascii_uppercase, k=_LONGEST + len("xx"))
        )
    scheme = shape[1] or ""
    return scheme + _DRAWN[variable][: len(value) - len(scheme)]


def alike(encode: Callable[[str], str], text: str) -> str:
    """Returns a text in quoted-printable (RFC 2045 §6.7): of a pattern once, then filled in.

    A soft line break may stand within a value, where it stands in what stands for it.
    """
    form = _form(encode, text.pattern, *text.values) if isinstance(text, AlikeText) else None
    if form is None or not isinstance(text, AlikeText):
        return encode(text)
    return "".join(
        piece if isinstance(piece, str) else text.values[piece.stand_in][piece.signs]
        for piece in form
    )


def together(make: Callable[..., str], *texts: str) -> str:
    """Returns what a pure function makes of some texts: an alike one, if they all are.

    A text that is empty for one letter may not be so for the next: only `NOTHING` always is.
    `make`: treats a value as it treats its stand-in, and leaves it whole; it is given as many
    texts.
    """
    values = dict[str, str]()
    for text in texts:
        if not isinstance(text, AlikeText) or _differ(values, text.values):
            return make(*texts)
        values |= text.values
    patterns = (text.pattern for text in texts if isinstance(text, AlikeText))
    made = _kept(make, tuple(values), *patterns)
    return make(*texts) if made is None else AlikeText.of(made, values)


def _differ(values: Mapping[str, str], others: Mapping[str, str]) -> bool:
    return any(values.get(standing, value) != value for standing, value in others.items())


NOTHING: Final = AlikeText.of("", {})
"""What letters have alike where they have no text."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A place of an encoded pattern in which some signs of a value stand."""

    stand_in: str
    signs: slice


@lru_cache(maxsize=PATTERNS)
def _kept(make: Callable[..., str], stand_ins: Sequence[str], *patterns: str) -> str | None:
    made = make(*patterns)
    rest = made
    for standing in stand_ins:
        rest = rest.replace(standing, "")
    return None if _is_cut(stand_ins, rest) else made


@lru_cache(maxsize=PATTERNS)
def _form(
    encode: Callable[[str], str], pattern: str, *stand_ins: str
) -> Sequence[str | _Place] | None:
    """What is encoded, with places for values; `None`: a stand-in is not found again whole."""
    form, encoded, done = list[str | _Place](), encode(pattern), 0
    named = (
        f"(?P<at{at}>{_SOFT.join(map(re.escape, signs))})" for at, signs in enumerate(stand_ins)
    )
    for found in re.finditer("|".join(named) or "(?!)", encoded):
        form.append(encoded[done : found.start()])
        done, at = found.end(), 0
        standing = stand_ins[int((found.lastgroup or "").removeprefix("at"))]
        for part in re.split("(=\n)", found[0]):
            signs = slice(at, at + len(part))
            form.append(part if part == "=\n" else _Place(standing, signs))
            at += 0 if part == "=\n" else len(part)
    form.append(encoded[done:])
    rest = "".join(piece for piece in form if isinstance(piece, str))
    return None if _is_cut(stand_ins, rest) else form


def _is_cut(stand_ins: Iterable[str], rest: str) -> bool:
    """Whether something of a stand-in is left beside those that were found."""
    return any(
        signs[at : at + _TRACE] in rest
        for signs in (standing.rpartition("/")[2] for standing in stand_ins)
        for at in range(len(signs) - _TRACE + 1)
    )
