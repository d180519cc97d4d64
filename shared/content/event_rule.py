"""The mail that an event is about: words looked for whole, some sources, from a moment on.

notify asks it for the line of a receipt, desk for its proposals: one rule, one answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.content.phrases import Phrases, fold, folded

EXERCISE_SUBJECT: Final = "EXERCICE, ceci n’est pas une alerte"
"""How the subject of each mail of an exercise begins (shared/site/texts/templates.py)."""
EXERCISE: Final = fold(EXERCISE_SUBJECT)
"""By which an answer to such a mail is known, from whoever is on the exercise list."""


@dataclass(frozen=True, slots=True)
class EventRule:
    """The approved rule of an event: which mail is about it."""

    words: Sequence[str]
    sources: Sequence[str]
    """Ids of sources; empty: all."""
    since: datetime
    """Mail that was received earlier is not about it."""

    def hit(self, received: datetime, source: str | None, *texts: str) -> str | None:
        """Returns the words of the rule that stand in a mail; `None`: it is not about the event.

        `texts`: subject and the sender's own text; `source`: the id of where it came from.
        """
        if received < self.since or (self.sources and source not in self.sources):
            return None
        return Phrases(self.words).hit(folded(*texts))
