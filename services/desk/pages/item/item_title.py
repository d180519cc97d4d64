"""The title of an item's page: what it is about and who wrote, as far as its reader may know.

Nothing is read here: whoever may not read an item hands in neither content nor sender, and its
title is then its category alone. That of the window stays the number: a browser keeps it in
its history, on a machine that somebody else sits at next (docs/decisions/0194).
"""

from dataclasses import dataclass
from typing import Final

from shared.content.plis import Correspondent

LONGEST: Final = 160
"""Letters of a subject in a title; the whole one stands in the message below it."""


@dataclass(frozen=True, slots=True)
class ItemTitle:
    """Title of an item's page, in French: what the item is about, and who wrote it."""

    what: str
    whom: str = ""
    """Empty where nobody is named, or the reader may not know it."""


def item_title(noted: str, opening: str, who: Correspondent | None, category: str) -> ItemTitle:
    """Returns the title of an item, from what its reader may see of it.

    The subject that a person noted comes before `opening`, that of the message which opened it;
    without either the item is called by its category in French. `who`: the sender; `None` where it
    is not shown.
    """
    subject = _one_line(noted) or _one_line(opening)
    named = "" if who is None else _one_line(who.name) or _one_line(who.address)
    return ItemTitle(subject or f"{category[:1].upper()}{category[1:]}", named)


def _one_line(text: str) -> str:
    """The words of a text on one line, cut after a whole word where there are too many."""
    words = " ".join(text.split())
    if len(words) <= LONGEST:
        return words
    return f"{words[:LONGEST].rpartition(' ')[0] or words[:LONGEST]} …"
