"""The addresses of calendar feeds, as whoever ends them without their owner knows them.

Beside the feature itself, which may be taken away: a departure ends an address whatever is left of
the pages that made it. Whoever needs one again makes a new one, whose secret no former telephone
has (docs/decisions/0177).
"""

from datetime import datetime
from typing import Final

from services.desk.store import access_journal
from services.desk.store.access_journal import JournalLine, What
from shared.facts.envelope import PersonId
from shared.platform.database import Connection

PURGE: Final = "desk keep"
"""The page of a line that no request made: the process that purges."""


async def end_address(connection: Connection, person: PersonId) -> bool:
    """Ends the address of a person's calendar feed for good; returns whether there was one.

    The journal is the caller's to write, who knows by whose request it ends.
    """
    done = await connection.fetchval(
        "DELETE FROM desk.calendar_feeds WHERE person = $1 RETURNING true", person
    )
    return bool(done)


async def forget(connection: Connection, now: datetime) -> None:
    """Deletes the addresses of calendar feeds that were made before their person left (purge).

    Each has a line in the access journal.

    Also of who has come back since: a former telephone may still have it. A departure ends the
    address itself; what is found here was left by a version that did not. `now`: an aware time,
    after which no departure counts yet.
    """
    rows = await connection.fetch(
        """
        DELETE FROM desk.calendar_feeds AS feed WHERE EXISTS (
            SELECT FROM site.people AS left_then
            WHERE left_then.person = feed.person AND left_then.gone
              AND left_then.valid_from > feed.given_at AND left_then.valid_from <= $1)
        RETURNING person
        """,
        now,
    )
    for person in sorted(row["person"] for row in rows):
        line = JournalLine(now, What.CALENDAR_ENDED, None, None, PURGE, about=person)
        await access_journal.note(connection, line)
