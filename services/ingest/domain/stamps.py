"""The day in a rubber stamp on a page: « ARRIVÉE 12 NOV. 2026 », « Reçu le 12/11/26 ».

Found by the words that OCR read and by their place: a stamp is a few short lines beside or above
the letter, never a sentence of it. What is found is proposed to a person, who sees the stamp; a day
that can't be is not proposed (`believable`).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Final

from pydantic import Field

OLDEST: Final = timedelta(days=60)
"""Before a paper was scanned: an older stamp is somebody else's, or was misread."""
_MONTHS: Final = {
    "jan": 1, "fev": 2, "mar": 3, "avr": 4, "mai": 5, "jun": 6, "juin": 6, "jul": 7, "juil": 7,
    "aou": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_LETTERS = r"[a-z]{2,9}"
_SHORT: Final = 4
"""Letters, at most, of the beginning of a month's name that are looked at."""
_WORDED = re.compile(rf"(?<!\d)(\d{{1,2}})(?:er)?[ .-]*({_LETTERS})[. -]*(\d{{4}}|\d{{2}})(?!\d)")
_NUMBERED = re.compile(
    r"(?<![\d/.-])(\d{1,2}) ?[/.-] ?(\d{1,2}) ?[/.-] ?(\d{4}|\d{2})(?![\d/.-]*\d)"
)
_STAMP = re.compile(
    r"\b(?:arrivee?s?|recue?s?|courriers?|entree|enregistree?)\b", re.IGNORECASE | re.ASCII
)
"""Words that a stamp of a mail office has; OCR may have split or joined the others."""
_CLEAR = re.compile(r"\b(?:arrivee?s?|recue?s?|entree|enregistree?)\b", re.ASCII)
_OWN: Final = frozenset(
    (
        *("le", "la", "les", "de", "des", "du", "l", "d", "a", "au", "en", "date", "jour", "heure"),
        *("courrier", "courriers", "arrive", "arrivee", "arrives", "arrivees", "recu", "recue"),
        *("recus", "recues", "entree", "enregistre", "enregistree", "prefecture", "sous"),
        *("service", "services", "bureau", "mairie", "sg", "cabinet", "no", "numero", "ref"),
    )
)
"""What else stands in a stamp; other words are somebody's sentence."""
_MOST_OTHERS: Final = 3
_WIDEST: Final = 0.5
"""Of the page: a longer line is text."""
_LINES_APART: Final = 3.5
"""Line heights between the word of a stamp and its day."""
_WIDE_SPACE: Final = 2.0
"""Line heights between two words that stand side by side."""
_MARGIN: Final = 0.012
_CENTURY: Final = 2000
_MOST_MARKS: Final = 300
"""Words of a stamp on a page; one with more is no letter."""
_STRANGEST: Final = 20
"""One side of a page by the other; none is shown whose sides differ more."""


@dataclass(frozen=True, slots=True)
class StampBox:
    """A rectangle on a page, in shares (0 to 1) of its width and height, from top left."""

    left: Annotated[float, Field(ge=0, le=1)]
    top: Annotated[float, Field(ge=0, le=1)]
    right: Annotated[float, Field(ge=0, le=1)]
    bottom: Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True)
class ReadStamp:
    """A date stamp that was read on a page: its day, and where it stands."""

    day: date
    box: StampBox
    ratio: Annotated[float, Field(gt=0, le=100)] = 1.414
    """Height of the page by its width."""
    turned: bool = False
    """The page stands on its head; the box is of the page as it was scanned."""


@dataclass(frozen=True, slots=True)
class PageWords:
    """A few words side by side on a page, as OCR read them, and their box in pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """The height of the words in pixels, at least one."""
        return max(1.0, self.bottom - self.top)

    def near(self, other: "PageWords") -> bool:
        """Whether a word follows these on their line, with no more than a wide space between."""
        apart = other.left - self.right
        return -self.height <= apart <= _WIDE_SPACE * max(self.height, other.height)

    def join(self, other: "PageWords") -> "PageWords":
        """Returns these words with those that follow them on their line."""
        return PageWords(
            f"{self.text} {other.text}",
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def shift(self, right: float, down: float) -> "PageWords":
        """Returns the words of a part of a page, in pixels of the page whose part begins there."""
        return PageWords(
            self.text, self.left + right, self.top + down, self.right + right, self.bottom + down
        )


def believable(stamp: ReadStamp | None, seen: date) -> ReadStamp | None:
    """Returns a stamp whose day may be that of receipt of a paper scanned on the local day `seen`.

    `None` for a day to come, or more than sixty days before.
    """
    if stamp is None or not seen - OLDEST <= stamp.day <= seen:
        return None
    return stamp


def stamp_of(words: Sequence[PageWords], width: int, height: int) -> ReadStamp | None:
    """Finds the date stamp among the words of a page, its sides given in pixels.

    `None` where there is none, where several say different days, or where the page is no letter's:
    more than three hundred words of a stamp, or one side twenty times the other.
    """
    ratio = height / max(1, width)
    if not 1 / _STRANGEST <= ratio <= _STRANGEST:
        return None
    places = [place for place in words if _is_short(place, width)]
    marks = [place for place in places if _names_a_stamp(place)]
    if len(marks) > _MOST_MARKS:
        return None
    dated = [
        (day, place) for place in places if (day := day_in(place.text)) is not None and _fits(place)
    ]
    found = dict[date, PageWords]()
    for mark in marks:
        for day, place in dated:
            if _is_beside(mark, place):
                found.setdefault(day, _around(mark, place))
    if not found:  # a dater alone: its month is printed in capitals, with nothing else
        found = {day: place for place in places if (day := _of_dater(place.text)) is not None}
    if len(found) != 1:
        return None
    ((day, place),) = found.items()
    return ReadStamp(day, _shares(place, width, height), ratio)


def marks_of(words: Sequence[PageWords], width: int) -> list[PageWords]:
    """Returns the words of a page that a date stamp has, with or without a day that was read."""
    return [place for place in words if _is_short(place, width) and _clearly_names(place)]


def day_in(text: str) -> date | None:
    """Returns the only day that a short text names in figures or with its month's name."""
    plain = _plain(text)
    found = {*_worded(plain), *_numbered(plain)}
    return found.pop() if len(found) == 1 else None


def upside_down(stamp: ReadStamp) -> ReadStamp:
    """Returns a stamp that was read on a page turned by 180 degrees, with its box as scanned."""
    box = stamp.box
    back = StampBox(1 - box.right, 1 - box.bottom, 1 - box.left, 1 - box.top)
    return replace(stamp, box=back, turned=True)


def _worded(plain: str) -> Iterator[date]:
    for day, name, year in _WORDED.findall(plain):
        month = next((_MONTHS[name[:n]] for n in (_SHORT, 3) if name[:n] in _MONTHS), None)
        if month is not None and (made := _made(day, month, year)) is not None:
            yield made


def _numbered(plain: str) -> Iterator[date]:
    for day, month, year in _NUMBERED.findall(plain):
        if (made := _made(day, int(month), year)) is not None:
            yield made


def _made(day: str, month: int, year: str) -> date | None:
    whole = int(year) + (_CENTURY if len(year) == 2 else 0)  # noqa: PLR2004  (26 is 2026)
    try:
        return date(whole, month, int(day))
    except ValueError:
        return None


def _of_dater(text: str) -> date | None:
    """The day of a text that is one, with its month in capitals."""
    bare = text.strip(" |[](){}_-.,:;'’‘«»\"")
    letters = [letter for letter in bare if letter.isalpha()]
    if not letters or any(letter.islower() for letter in letters) or len(letters) > 2 * _SHORT:
        return None
    return day_in(bare) if _WORDED.fullmatch(_plain(bare)) else None


def _is_short(place: PageWords, width: int) -> bool:
    return place.right - place.left <= _WIDEST * width and len(_strange(place.text)) <= _MOST_OTHERS


def _strange(text: str) -> list[str]:
    """The words of a line that no stamp has, its day left out."""
    left = _NUMBERED.sub(" ", _WORDED.sub(" ", _plain(text)))
    return [word for word in re.findall(r"[a-z]{2,}", left) if word not in _OWN]


def _names_a_stamp(place: PageWords) -> bool:
    return _STAMP.search(_plain(place.text)) is not None


def _clearly_names(place: PageWords) -> bool:
    return _CLEAR.search(_plain(place.text)) is not None


def _fits(place: PageWords) -> bool:
    """Whether a day stands alone, or with words of a stamp: not « à Issoudun, le 4 mai 2026 »."""
    return not _strange(place.text)


def _is_beside(mark: PageWords, place: PageWords) -> bool:
    """Whether a day stands in the same stamp as a word."""
    if mark == place:
        return True
    line = max(mark.height, place.height)
    down = max(mark.top, place.top) - min(mark.bottom, place.bottom)
    across = max(mark.left, place.left) - min(mark.right, place.right)
    return down <= _LINES_APART * line and across <= line


def _around(one: PageWords, other: PageWords) -> PageWords:
    return PageWords(
        other.text,
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )


def _shares(place: PageWords, width: int, height: int) -> StampBox:
    def share(pixels: float, of: int) -> float:
        return round(min(1.0, max(0.0, pixels / max(1, of))), 4)

    around_x, around_y = _MARGIN * width, max(_MARGIN * height, place.height * 0.4)
    return StampBox(
        share(place.left - around_x, width),
        share(place.top - around_y, height),
        share(place.right + around_x, width),
        share(place.bottom + around_y, height),
    )


def _plain(text: str) -> str:
    """Lower case without accents; letters that OCR reads for digits stay what they are."""
    folded = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(c for c in folded if not unicodedata.combining(c)).split())
