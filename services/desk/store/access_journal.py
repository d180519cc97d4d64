"""The journal: who signed in, read, took a file away or was refused; no content."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.platform.database import Connection

AGAIN = timedelta(minutes=10)
"""Interval within which readings of one item by one person make one line."""


class What(StrEnum):
    """The kinds of events in the access journal: sign-in, reading, download, refusal and others."""

    SIGN_IN = "sign-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    SIGN_OUT = "sign-out"
    READING = "reading"
    DOWNLOAD = "download"
    UPLOAD = "upload"
    REFUSAL = "refusal"
    PURGE = "purge"
    AUDIT = "audit"
    """The content of an item was read by an auditor on site, who had drawn it."""
    KEY_GIVEN = "key-given"
    """An administrator gave an application a key of the API."""
    KEY_CONFIRMED = "key-confirmed"
    """A second person let a key of the API read letters."""
    KEY_REVOKED = "key-revoked"
    FETCHED_AHEAD = "fetched-ahead"
    """The page of the next letter of the queue, before its turn: nobody was shown it."""
    WEBHOOK_GIVEN = "webhook-given"
    """A key of the API has an address told what happens to items."""
    WEBHOOK_SECRET = "webhook-secret"  # noqa: S105  (a word)
    """Its secret was replaced."""
    WEBHOOK_ENDED = "webhook-ended"
    WEBHOOK_RETRIED = "webhook-retried"
    WEBHOOK_PASSED = "webhook-passed"
    """What could not be delivered was given up for good."""
    HANDED_OVER = "handed-over"
    """All that a colleague held in a service was given on."""
    CALENDAR_GIVEN = "calendar-given"
    """Somebody made, or replaced, the address at which their diary reads limits."""
    CALENDAR_ENDED = "calendar-ended"
    LEAVER_TOLD = "leaver-told"
    """A directory said that a colleague left."""
    PROVIDER_SIGN_OUT = "provider-sign-out"
    """The identity provider ended a session, as somebody signed out elsewhere."""


WORDS: Final[Mapping[str, What]] = {what.value: what for what in What}
"""Each kind of access by the word that the journal stores."""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A line of the access journal (audit log): who did what, when, from where."""

    at: datetime
    what: What | str
    """A word of a later version, which ran before a rollback, stays as it is."""
    person: str | None
    """`None`: nobody who was known."""
    address: str | None
    """Of the network."""
    page: str
    """As the table of pages has it."""
    about: str = ""
    """A number of the register."""
    account: str | None = None
    """Of the system, that typed a command."""
    why: str | None = None
    """The code that it gave."""


async def note(connection: Connection, line: JournalLine) -> None:
    """Writes a line into the access journal; a reading repeated soon (`AGAIN`) is written once."""
    await connection.execute(
        """
        INSERT INTO desk.journal (at, what, person, address, page, about, account, why)
        SELECT $1::timestamptz, $2::text, $3::text, $4::text, $5::text, $6::text, $8::text, $9::text
        WHERE $2 NOT IN ('reading', 'audit') OR NOT EXISTS (
            SELECT FROM desk.journal
            WHERE person = $3 AND at > $1::timestamptz - $7::interval AND what = $2
              AND about = $6 AND address IS NOT DISTINCT FROM $4)
        """,
        line.at,
        str(line.what),
        line.person,
        line.address,
        line.page,
        line.about,
        AGAIN,
        line.account,
        line.why,
    )


async def was_fetched(
    connection: Connection, about: str, person: str | None, since: datetime
) -> bool:
    """Returns whether an item's page was given to somebody before its turn since a moment.

    `about`: its chrono; `person`: as the journal writes them.
    """
    found = await connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM desk.journal
                       WHERE person = $1 AND at >= $2 AND what = 'fetched-ahead' AND about = $3)
        """,
        person,
        since,
        about,
    )
    return bool(found)
