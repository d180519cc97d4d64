"""A month closed as its page closes it, without the page."""

from datetime import UTC, date, datetime

from services.desk.domain.months import Month
from services.desk.indicators import month_closure
from shared.facts.origin import SESSION, Origin
from shared.platform.database import Pool, transaction
from shared.site import store
from tests.desk_builders import some_people

JULY = datetime(2026, 7, 2, 8, 0, tzinfo=UTC)
MAY = date(2026, 5, 1)


async def close(
    pool: Pool,
    month: date = MAY,
    now: datetime = JULY,
    *,
    early: bool = False,
    may: bool = True,
    origin: Origin = SESSION,
) -> Month:
    """The quality officer of the builders closes it. Raises Refused."""
    officer = next(person for person in some_people().people if person.id == "q.officer")
    async with transaction(pool) as connection:
        applied = await store.current(connection)
        return await month_closure.close(
            connection, month, officer, applied, now, origin, early=early, may=may
        )
