"""The service object of calendar feeds: a person makes, replaces or ends their own."""

import secrets
from dataclasses import dataclass, replace
from typing import Final

from services.desk.calendars import store
from services.desk.calendars.store import CalendarFeed
from services.desk.store import access_journal, diary_addresses
from services.desk.store.access_journal import JournalLine, What
from shared.facts.envelope import PersonId
from shared.platform.database import Connection
from shared.web.application_tokens import digest_of

SECRET_OCTETS: Final = 32


@dataclass(frozen=True, slots=True)
class CalendarService:
    """The service object that makes and ends calendar feeds, and journals each act.

    All in the caller's transaction.
    """

    connection: Connection
    line: JournalLine
    """The journal's line for what is asked, without what."""

    async def give(self, feed: CalendarFeed) -> str:
        """Makes a calendar feed in place of the person's former one; returns its secret, once."""
        secret = secrets.token_urlsafe(SECRET_OCTETS)
        await store.keep(self.connection, feed, digest_of(secret))
        await self._note(What.CALENDAR_GIVEN)
        return secret

    async def end(self, person: PersonId) -> None:
        """Ends the calendar feed of a person, if they have one.

        A second call, as of a form that is sent twice, ends nothing and leaves no line.
        """
        if await diary_addresses.end_address(self.connection, person):
            await self._note(What.CALENDAR_ENDED)

    async def _note(self, what: What) -> None:
        await access_journal.note(self.connection, replace(self.line, what=what))
