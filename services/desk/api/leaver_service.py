"""The service object of a directory's word that a colleague left: all that they had here ends.

A directory takes rights away and gives none: who comes back, and whoever has another address, is
written by people, of whom two are needed where it gives rights (docs/decisions/0035, 0148).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.desk.accounts.personnel import Personnel
from services.desk.api.domain.scim import ScimRefusal, ScimUser
from services.desk.api.store import colleagues
from services.desk.store import access_journal
from services.desk.store.access_journal import JournalLine, What
from shared.facts.envelope import PersonId, Via
from shared.facts.origin import Origin
from shared.platform.database import Connection
from shared.site.tables.bundle import Site

LEAST_A_DAY: Final = 10
SHARE_A_DAY: Final = 10
DAY: Final = timedelta(days=1)


def most_a_day(colleagues: int) -> int:
    """Returns how many of so many colleagues a directory may tell to have left within a day.

    Ten, of few half of them, of many one in ten: beyond, it is taken for a mistake.
    """
    return max(min(LEAST_A_DAY, colleagues // 2), colleagues // SHARE_A_DAY)


@dataclass(frozen=True, slots=True)
class LeaverService:
    """The service object by which a directory (SCIM) states that colleagues left; it journals."""

    connection: Connection
    site: Site
    by: str
    """The program, as facts name it."""
    line: JournalLine
    """The journal's line for what is asked, without what and about."""
    now: datetime

    async def settle(self, user: ScimUser, *, active: bool | None) -> ScimUser:
        """Records that a colleague left, if the directory says so; returns them as they are then.

        `active`: `None` changes nothing. Raises ScimRefusal for whoever is to come back, or when
        the directory let too many leave within a day.
        """
        if active is None or active == user.active:
            return user
        if active:
            raise ScimRefusal(
                403, "Who comes back is written by whoever keeps the records: no key does."
            )
        return await self._leave(PersonId(user.person.id))

    async def _leave(self, person: PersonId) -> ScimUser:
        personnel = Personnel(
            self.connection, self.site, self.by, self.now, Origin(Via.APPLICATION)
        )
        await personnel.lock_directory()
        user = await colleagues.by_id(self.connection, person, self.now)
        if user is None or not user.active:
            return user or _unknown()
        await self._not_too_many()
        await self._not_the_last(person)
        departure = await personnel.leave(user.person)
        await self._note(What.LEAVER_TOLD, person)
        if departure.diary:
            await self._note(What.CALENDAR_ENDED, person)
        for key in departure.keys:
            await self._note(What.KEY_REVOKED, key)
        return ScimUser(user.person, active=False)

    async def _not_too_many(self) -> None:
        left = await colleagues.left_by_programs(self.connection, self.now - DAY, self.now)
        _, there = await colleagues.page(self.connection, self.now, 0, 0)
        if left >= most_a_day(there + left):
            raise ScimRefusal(
                403,
                f"{left} colleagues left within a day by this way: that is taken for a mistake of"
                " the directory. Whoever keeps the records notes further departures on their page.",
            )

    async def _not_the_last(self, person: PersonId) -> None:
        identity = self.site.identity
        proving = {identity.quality_officer, identity.general_secretary}
        if person not in proving:
            return
        others = [
            await colleagues.by_id(self.connection, other, self.now)
            for other in sorted(proving - {person})
        ]
        if not any(other is not None and other.active for other in others):
            raise ScimRefusal(
                403,
                "Nobody else answers for the proof: name somebody first.",
            )

    async def _note(self, what: What, about: str) -> None:
        await access_journal.note(self.connection, replace(self.line, what=what, about=about))


def _unknown() -> ScimUser:
    raise ScimRefusal(404, "No colleague has this id.")
