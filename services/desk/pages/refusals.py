"""What is refused, in the words that a clerk reads: what is so, then what can be done.

A decision refuses with a word and values (`Refused.why`, `.said`); the tables of `sentences` say
it in French. Values called person, service, category or office are names there, a month is one with
its « de », other days are French.
tests/unit/desk/test_refusals.py reads every `raise Refused` of the register and wants its row.
"""

from datetime import date
from typing import Final

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.sentences import SENTENCES
from shared.calendar.local_days import of_month
from shared.errors import Refused
from shared.web.forms import Mistyped

UNREADABLE: Final = "Ce courrier ne peut pas être lu en ce moment ; l’administrateur en est averti."
OTHERWISE: Final = "Cette décision n’est pas possible pour ce courrier, tel qu’il est maintenant."
NOT_PRINTED: Final = (
    "Ce document ne peut pas être mis en page ; rien n’a été fait. Signalez-le à l’administrateur."
)


class NotAsShown(Refused):
    """The refusal that an item changed since its page was shown: nothing is decided."""

    def __init__(self, chrono: str) -> None:
        super().__init__("The page showed something else.", "not-as-shown", chrono=chrono)


def french(refused: Refused, names: Names) -> str:
    """Translates a refusal (`Refused`) into the French sentence that its page shows."""
    if isinstance(refused, Mistyped):
        return str(refused)
    sentence = SENTENCES.get(refused.why, OTHERWISE)
    return sentence.format_map(
        {name: _said(name, one, names) for name, one in refused.said.items()}
    )


def _said(name: str, value: object, names: Names) -> str:
    if isinstance(value, date):
        return of_month(value) if name == "month" else labels_fr.short_day(value)
    match name:
        case "person":
            return names.person(str(value))
        case "service":
            return names.service(str(value))
        case "category":
            return names.category(str(value))
        case "office":
            return names.office(str(value))
        case _:
            return str(value)
