"""How wide each column of a printed table is, by what stands in it: no word is cut. Pure."""

from collections.abc import Sequence
from typing import Final

LONGEST_WORD: Final = 16
"""Letters of a word that a column never breaks; a digest is longer, and may be broken."""
LONGEST_TEXT: Final = 70
"""Letters beyond which a longer text asks for no wider column."""
FILLED: Final = 3
"""Letters of a line that the border and its distance take, and a bold title."""
LINE: Final = 96
"""Letters of a line of a whole page of A4."""


def column_widths(rows: Sequence[Sequence[str]], total: float) -> Sequence[float]:
    """Returns the width of each column of a printed table, in the unit of `total`.

    Each has room for its longest word; what is left goes to those whose texts are long. Widths are
    rounded to a hundredth, and a table without a text has columns of one width.

    Raises ValueError when a row has more or fewer cells than the line of titles.
    """
    columns = list(zip(*rows, strict=True))
    words = [FILLED + _longest_word(column) for column in columns]
    wanted = [
        max(word, FILLED + min(LONGEST_TEXT, max(map(len, column))))
        for word, column in zip(words, columns, strict=True)
    ]
    spare = max(0, LINE - sum(words))
    asked = sum(wanted) - sum(words)
    share = spare / asked if asked else 0.0
    letters = [word + (want - word) * share for word, want in zip(words, wanted, strict=True)]
    return [round(total * each / sum(letters), 2) for each in letters]


def _longest_word(column: Sequence[str]) -> int:
    """Letters of the longest word of a column, of which no more than so many stay together."""
    longest = max((len(word) for text in column for word in text.split()), default=1)
    return min(LONGEST_WORD, longest)
