"""The minutes (compte-rendu) of a meeting as blocks of text, in the structure of the model. Pure.

Members stand in them by their number, so that a name that is erased is gone from minutes too. Once
approved, the blocks are kept as they are; before that they are made anew at each look.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import orjson

from shared.errors import PermanentFailure

_PRESENTED: Final = 2
"""Which part of minutes says what was presented."""
_MEMBER: Final = re.compile(r"\[\[membre (\d+)\]\]")


class BlockKind(StrEnum):
    """The kind of a block of the minutes (heading, paragraph …)."""

    TITLE = "title"
    HEADING = "heading"
    SUBHEADING = "subheading"
    TEXT = "text"
    DASH = "dash"
    NUMBERED = "numbered"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a meeting's minutes: a kind and a text."""

    kind: BlockKind
    text: str


def member(number: int) -> str:
    """Returns the mark that stands for a member's name in minutes."""
    return f"[[membre {number}]]"


def presented_lines(blocks: Iterable[Block]) -> Sequence[Sequence[str]]:
    """Returns from approved minutes the lines that were presented on each agenda point, in order.

    They are those under the second heading, after the introduction.
    """
    points, parts = list[list[str]](), 0
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            parts += 1
        elif parts == _PRESENTED and block.kind is BlockKind.SUBHEADING:
            points.append([])
        elif parts == _PRESENTED and points:
            points[-1].append(block.text)
    return points


def escape_marks(text: str) -> str:
    """Escapes a text so that nothing in it is taken for a member's mark."""
    return text.replace("[[", "[ [")


def name_members(text: str, name: Callable[[int], str]) -> str:
    """Returns the text of minutes with members' names in place of the marks for them."""
    return _MEMBER.sub(lambda mark: name(int(mark.group(1))), text)


def write_minutes(blocks: Iterable[Block]) -> str:
    """Serialises a meeting's minutes to the text that is approved, stored and hashed."""
    return orjson.dumps([[block.kind.value, block.text] for block in blocks]).decode()


def read(text: str) -> Sequence[Block]:
    """Parses a meeting's minutes from their stored text. Raises PermanentFailure."""
    try:
        return [Block(BlockKind(kind), said) for kind, said in orjson.loads(text)]
    except (ValueError, TypeError) as error:
        raise PermanentFailure("These minutes can't be read.") from error
