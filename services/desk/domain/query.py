"""What a person typed into the search: a number in any spelling, or words with their errors.

Pure. The words themselves are counted by PostgreSQL (configuration `desk.french`, sql/0030).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.content import chronos
from shared.content.chronos import Direction
from shared.facts.envelope import Chrono

LONGEST = 200
"""Letters that are read of what was typed."""

_GAP = r"[\s./_–—-]*"
_NUMBER = re.compile(
    rf"(?:CHRONO|LABEL|[ÉE]TIQUETTE)?{_GAP}:?{_GAP}(?:N[°ºO])?{_GAP}"
    rf"(?:(?P<department>\d{{2,3}}|2[AB])[\s./_–—-]+(?=\d{{4}}\D))?"
    rf"(?:(?P<year>20\d\d)(?:[\s./_–—-]+|(?=[AD])))?"
    rf"(?:(?P<direction>[AD]){_GAP})?(?P<number>\d{{1,9}})"
)
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_PARTS = re.compile(r'"(?P<phrase>[^"]+)"?|(?P<not>(?<!\S)-)?(?P<word>[^\s"]+)')
_ENDING = re.compile(r"(?:e?s|e|x)$")


@dataclass(frozen=True, slots=True)
class Numbers:
    """The chronos and the sticker that a number typed into the search may mean."""

    chronos: tuple[Chrono, ...] = ()
    label: str | None = None


def numbers(text: str, department: str, year: int) -> Numbers:
    """Returns the chronos and the sticker that a text may mean; none if it is no number.

    `123`, `a123`, `n° 2026/123`, `36 2026 A 123`, `36-2026-A-000123` all name the same item.
    Without a year it is this one's, then the last one's: in January people still mean December.
    """
    found = _NUMBER.fullmatch(text.strip().upper())
    if found is None:
        return Numbers()
    number, direction = int(found["number"]), Direction(found["direction"] or "A")
    years = [int(found["year"])] if found["year"] else [year, year - 1]
    where = found["department"] or department
    bare = found["year"] is None and found["direction"] is None
    return Numbers(
        tuple(chronos.write(where, year, direction, number) for year in years),
        found["number"].zfill(6) if bare else None,
    )


class QueryPartKind(StrEnum):
    """The kind of a part of a search query: word, phrase or excluded word."""

    WORD = "word"
    PHRASE = "phrase"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class QueryPart:
    """A part of a search query; an item must contain one of `forms`, or none if excluded."""

    kind: QueryPartKind
    forms: tuple[str, ...]


def parts(text: str) -> Sequence[QueryPart]:
    """Parses a search query into its parts: `word`, `"a phrase"`, `-excluded`.

    A single letter (« à », « y ») is left out.
    """
    found = list[QueryPart]()
    for match in _PARTS.finditer(text[:LONGEST].replace("\0", " ")):
        if match["phrase"]:
            found.append(QueryPart(QueryPartKind.PHRASE, (match["phrase"],)))
        elif len(word := match["word"]) > 1:
            found.append(
                QueryPart(QueryPartKind.NOT if match["not"] else QueryPartKind.WORD, forms(word))
            )
    return found


def forms(word: str) -> tuple[str, ...]:
    """Returns a word with its possible French plurals and feminines, to search for all."""
    if not word.isalpha() or len(word) < 4:  # noqa: PLR2004  (nothing to cut)
        return (word,)
    base = _ENDING.sub("", word)
    return tuple(dict.fromkeys((word, *(base + ending for ending in ("", "s", "e", "es")))))


def words(text: str) -> Sequence[str]:
    """Returns the distinct words of a text in lower case, in order."""
    return list(dict.fromkeys(_WORD.findall(text[:LONGEST].lower())))


def alike(word: str, known: Iterable[str]) -> Sequence[str]:
    """Returns a word and the known ones that differ by one or two typing errors, nearest first."""
    most = 1 if len(word) <= 4 else 2  # noqa: PLR2004  (a word so short has room for one slip)
    near = sorted(
        (slips(word, other), other) for other in known if abs(len(word) - len(other)) <= most
    )
    return [word, *(other for count, other in near if 0 < count <= most)]


def slips(typed: str, meant: str) -> int:
    """Computes the edit distance of two words: letters missing, added, wrong or exchanged."""
    before, last = list[int](), list(range(len(meant) + 1))
    for i, letter in enumerate(typed, 1):
        row = [i]
        for j, other in enumerate(meant, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and typed[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
