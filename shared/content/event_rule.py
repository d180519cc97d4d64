"""The mail that an event is about: words looked for whole, some sources, from a moment on.

notify asks it for the line of a receipt, desk for its proposals: one rule, one answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from shared.content.phrases import Phrases, fold, fold_texts

EXERCISE: Final = re.compile(r"exercice jusqu au (\d\d) (\d\d) (\d{4}) ceci n est pas une alerte")
"""The folded subject of a mail of an exercise (shared/site/texts/templates.py) and of answers."""
EXERCISE_ECHO: Final = timedelta(days=2)
"""For how long after an exercise an answer to its mail is no letter."""


def exercise_subject(until: date) -> str:
    """Makes the beginning of the subject of a crisis exercise's emails: it names the last day."""
    return f"EXERCICE jusqu’au {until:%d/%m/%Y}, ceci n’est pas une alerte"


def exercise_until(subject: str) -> date | None:
    """Returns the last day of the crisis exercise that an email's subject names, or `None`."""
    found = EXERCISE.search(fold(subject))
    try:
        return None if found is None else date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class EventRule:
    """The approved rule of a crisis event, which says which mail is about the event."""

    words: Sequence[str]
    sources: Sequence[str]
    """Ids of sources; empty: all."""
    since: datetime
    """Mail that was received earlier is not about it."""

    def hit(self, received: datetime, source: str | None, *texts: str) -> str | None:
        """Returns the first phrase of the event's rule that a mail contains; `None`: not about it.

        `texts`: subject and the sender's own text; `source`: the id of where it came from.
        `None` too for a mail received before the rule counts, or from another source than
        its own.
        """
        if received < self.since or (self.sources and source not in self.sources):
            return None
        return Phrases(self.words).hit(fold_texts(*texts))
