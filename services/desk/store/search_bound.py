"""Where an answer begins on the way back through the register.

Who asks what was received in March of another year must not wait until all that came since has been
read. What was received by a day was registered within the month that followed it, save for what
was keyed late; of that an index knows the last one (sql/0071).
"""

from typing import Final

from services.desk.store.cursors import Cursor, MomentCursor
from services.desk.store.search_types import Filter
from shared.platform.database import Connection

_REGISTERED_BY: Final = """
    SELECT least(greatest(($2::date + 31)::timestamp AT TIME ZONE 'UTC', (
        SELECT max(registered_at + interval '1 second') FROM desk.items
        WHERE received_on BETWEEN coalesce($1::date, '-infinity') AND $2
          AND (registered_at AT TIME ZONE 'UTC')::date - received_on > 30
    )), '9999-12-31')
"""


async def beginning(
    connection: Connection, which: Filter, after: MomentCursor | None
) -> MomentCursor | None:
    """Returns the cursor at which a search, newest first, begins; `None`: at the newest item.

    Those are skipped that were registered after all that a filter by day of receipt can find.
    """
    if which.received_until is None:
        return after
    moment = await connection.fetchval(_REGISTERED_BY, which.received_from, which.received_until)
    return Cursor(moment, "") if after is None or moment < after.key else after
