"""The head of a first page as blocks of lines, each column by itself: letterhead, addresses, date.

OCR reads a page line by line, and may read two addresses that stand side by side as one. Here what
stands apart is told apart, by its place alone; what a block is, whoever reads it judges.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from services.ingest.domain.stamps import PageWords

HeadBlock: TypeAlias = tuple[str, ...]
"""Lines of text that stand below each other."""
_HEAD: Final = 0.45
"""Of the page's height: addresses stand higher, the text of the letter lower."""
_LINES_APART: Final = 1.8
"""Line heights between two lines of one block."""
_ALIGNED: Final = 1.5
"""Line heights by which the left edges, or the middles, of two lines of a block may differ."""
_MOST_BLOCKS: Final = 20
_MOST_LINES: Final = 12
_LONGEST: Final = 120


@dataclass(slots=True)
class _Block:
    lines: list[PageWords] = field(default_factory=list)

    def takes(self, line: PageWords) -> bool:
        """Whether a line stands right below the last one, aligned with it."""
        last = self.lines[-1]
        tall = max(line.height, last.height)
        if not -tall / 2 <= line.top - last.bottom <= _LINES_APART * tall:
            return False
        first = self.lines[0]
        left = min(abs(line.left - last.left), abs(line.left - first.left))
        return min(left, abs(_middle(line) - _middle(last))) <= _ALIGNED * tall


def head_blocks(words: Sequence[PageWords], height: int) -> tuple[HeadBlock, ...]:
    """Groups the words of a page, whose height is given in pixels, into the blocks of its head.

    They come from top to bottom, those that begin at the same height from left to right; at most
    twenty, of at most twelve lines.
    """
    blocks = list[_Block]()
    for line in sorted(_in_head(words, height), key=lambda one: (one.top, one.left)):
        fitting = next((block for block in reversed(blocks) if block.takes(line)), None)
        if fitting is None:
            blocks.append(_Block([line]))
        else:
            fitting.lines.append(line)
    return tuple(
        tuple(line.text[:_LONGEST] for line in block.lines[:_MOST_LINES])
        for block in blocks[:_MOST_BLOCKS]
    )


def _in_head(words: Iterable[PageWords], height: int) -> list[PageWords]:
    return [place for place in words if place.bottom <= _HEAD * height]


def _middle(place: PageWords) -> float:
    return (place.left + place.right) / 2
