"""What is stated of the label by what was done elsewhere in the register: nobody files it by hand.

It is stated in the transaction of the decision that shows it, by its author, or not at all where
the site has no framework.
"""

from dataclasses import dataclass
from datetime import date, datetime

from services.desk.quality.label_service import LabelService
from services.desk.store.quality import Author
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.tables.quality import EvidenceKind


@dataclass(frozen=True, slots=True)
class LabelProofs:
    """The label as decisions about a committee or a survey state something of it."""

    connection: Connection
    author: Author
    site: Site
    directory: Directory

    async def committee_met(self, at: datetime) -> None:
        """Records as held the date of the users' committee in the label's calendar."""
        if (label := self._label()) is not None:
            await label.committee_met(self._day(at))

    async def minutes_approved(self, number: int, at: datetime) -> None:
        """Files the minutes of the users' committee that met `at` as proof, of that day."""
        if (label := self._label()) is not None:
            said = f"Compte-rendu approuvé de la réunion n° {number}."
            await label.file_stated(EvidenceKind.COMMITTEE, self._day(at), said)

    async def results_published(self, form: str, closed_at: datetime, said: str) -> None:
        """Files the results of a campaign of this form as proof, of the day when it was closed."""
        if (label := self._label()) is not None:
            await label.file_stated(EvidenceKind.SURVEY, self._day(closed_at), said, form)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.site.zone).date()

    def _label(self) -> LabelService | None:
        framework, today = self.site.quality.current, self._day(self.author.now)
        if framework is None:
            return None
        return LabelService(self.connection, self.author, framework, self.directory, today)
