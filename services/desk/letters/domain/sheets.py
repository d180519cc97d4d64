"""Slips, panels and posters of places of reception: standard texts that hang, and answer no item.

They are written, approved and withdrawn like letters. They name no field: what a place says of
itself (hours, address, telephone) is added when they are printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from services.desk.letters.domain.fields import lengths
from shared.errors import Refused

MOST_OFFLINE: Final = 600
MOST_LINES: Final = 40
"""A slip is one page of A5, a panel one of A4."""
MOST_SHEET: Final = 1_600
"""Letters of a text in one language."""
MOST_MONTHS: Final = 36


class SheetKind(StrEnum):
    """The kinds of papers that hang at a place of reception (slip, panel, poster)."""

    SLIP = "fiche"
    """An A5 slip to take away."""
    PANEL = "panneau"
    """What stands outside when the place is closed."""
    POSTER = "affiche"
    """The hours of the place, with what comes beside them."""


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """A sheet's text in a second language, and who reviewed it when."""

    language: str
    """Its own name: « English »."""
    subject: str
    body: str
    reviewer: str
    """By function or office."""
    reviewed_on: date


@dataclass(frozen=True, slots=True)
class SheetContent:
    """The place, second language and next review of a reception place's sheet."""

    place: str | None
    """The code of the place where it hangs; `None`: at every place."""
    offline: str
    """How to do without internet."""
    check_every: int
    """Months after which it must be read again."""
    other: OtherLanguage | None = None


def sheet_wrongs(title: str, subject: str, body: str, sheet: SheetContent) -> Sequence[Refused]:
    """Checks the text of a reception place's slip, panel or poster; returns its mistakes."""
    found = list(lengths(title, subject, body))
    other = sheet.other
    texts = [subject, body, sheet.offline]
    if other is not None:
        texts += [other.subject, other.body]
        if not all(text.strip() for text in (other.subject, other.body, other.reviewer)):
            found.append(
                Refused("A second language has its texts and a reviewer.", "sheet-other-empty")
            )
    if any(set("{}") & set(text) for text in texts):
        found.append(Refused("A sheet has no fields.", "sheet-field"))
    if not sheet.offline.strip() or len(sheet.offline) > MOST_OFFLINE:
        found.append(
            Refused("It says how to do without internet.", "sheet-offline", most=MOST_OFFLINE)
        )
    bodies = [body] if other is None else [body, other.body]
    if any(len(text) > MOST_SHEET or text.count("\n") > MOST_LINES for text in bodies):
        found.append(
            Refused("It does not fit its page.", "sheet-long", most=MOST_SHEET, lines=MOST_LINES)
        )
    if not 1 <= sheet.check_every <= MOST_MONTHS:
        found.append(Refused("It is read again after some months.", "sheet-months"))
    return found
