"""What a line of an exported list says, in the words of the pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.sheets import SheetCell
from services.desk.store.lists import WorkLine
from services.desk.store.search_types import MARKS, SearchHit
from shared.calendar.working_days import WorkingCalendar
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite

SEALED: Final = "(réservé)"
UNREAD: Final = "(contenu pas encore lu)"


@dataclass(frozen=True, slots=True)
class Tongue:
    """The translator of the codes in an exported list into French words, as of one local day."""

    names: Names
    days: WorkingCalendar
    today: date

    @classmethod
    def of(cls, applied: AppliedSite, directory: Directory, now: datetime) -> "Tongue":
        """Makes a translator that uses the site's own words, as of the local day of a moment."""
        today = now.astimezone(applied.site.zone).date()
        return cls(Names(applied.site, directory), applied.days, today)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an exported list: its title, width in letters, and how to get the cell."""

    title: str
    width: int
    cell: Callable[[SearchHit, Tongue], SheetCell]


def _said(hit: SearchHit, text: str) -> str:
    if hit.sealed:
        return SEALED
    return text.replace(MARKS[0], "").replace(MARKS[1], "") if hit.read else UNREAD


def _left(line: WorkLine, tongue: Tongue) -> int | None:
    """Jours ouvrés until the limit; negative: late, by at least one."""
    if line.due is None:
        return None
    left = tongue.days.between(tongue.today, line.due)
    return min(left, -1) if line.late(tongue.today) else left


def _holder(line: WorkLine, tongue: Tongue) -> str:
    who = line.signatory or line.agent
    return tongue.names.person(who) if who else "responsable du service"


COLUMNS: Final[Sequence[Column]] = (
    Column("Numéro", 18, lambda hit, _: hit.line.chrono),
    Column("Reçu le", 11, lambda hit, _: hit.line.received_on),
    Column("Expéditeur", 32, lambda hit, _: _said(hit, hit.sender)),
    Column("Objet", 44, lambda hit, _: _said(hit, hit.subject)),
    Column("Service", 24, lambda hit, tongue: tongue.names.service(hit.line.service)),
    Column("Suivi par", 24, lambda hit, tongue: _holder(hit.line, tongue)),
    Column("Répondre avant la fin du", 14, lambda hit, _: hit.line.due),
    Column("Jours ouvrés restants", 10, lambda hit, tongue: _left(hit.line, tongue)),
    Column("État", 20, lambda hit, _: labels_fr.STATES[hit.line.state]),
    Column("Catégorie", 26, lambda hit, tongue: tongue.names.category(hit.line.category)),
    Column("Nature", 20, lambda hit, _: labels_fr.NATURES[hit.line.nature]),
    Column("Arrivé par", 16, lambda hit, _: labels_fr.CHANNELS[hit.line.channel]),
    Column("Priorité", 10, lambda hit, _: labels_fr.PRIORITIES[hit.line.priority]),
)


def row(hit: SearchHit, tongue: Tongue) -> Sequence[SheetCell]:
    """Returns the cells of one item for an exported list."""
    return [column.cell(hit, tongue) for column in COLUMNS]
