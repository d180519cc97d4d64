"""The checklist above the closing of a month: what still waits, and where it is decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.desk.indicators import store
from services.desk.indicators.store import MonthChecks
from services.desk.pages.visit import Visit
from services.desk.rights import Right, may

HELD: Final = "/retenus"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A line of the checklist before a month is closed: a count, its words, the page for it."""

    n: int
    words: str
    url: str
    """Empty: no page of its own, or none that the person may open."""

    @property
    def done(self) -> bool:
        """Whether nothing on this line of the month's checklist waits to be decided."""
        return self.n == 0


async def checklist(visit: Visit, month: date) -> Sequence[CheckLine]:
    """Returns the checklist of what should be decided before a month's figures are closed.

    `month`: its first day. Lines have a link where the person may open the page.
    """
    found = await store.checks(visit.connection, month, visit.applied.site.zone)
    sorts = may(visit.roles, Right.SORT)
    return [
        CheckLine(line.n, line.words, line.url if sorts or line.url == HELD else "")
        for line in lines(found)
    ]


def lines(found: MonthChecks) -> Sequence[CheckLine]:
    """Returns the counts of a month's checks as lines, in the order in which to work them off."""
    return (
        CheckLine(found.to_qualify, "Courriers à qualifier", "/bureau/a-qualifier"),
        CheckLine(found.days, "Dates d’arrivée à confirmer", "/bureau/dates"),
        CheckLine(found.quarantined, "Arrivées en quarantaine", "/bureau/attente/quarantaine"),
        CheckLine(found.held, "Envois retenus, qui attendent un mot", HELD),
        CheckLine(found.without_copy, "Réponses sans copie gardée (départ saisi, ou déclaré)", ""),
    )
