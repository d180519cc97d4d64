"""What the register last found when it verified its figures and evidence: sums, never an item."""

from shared.platform.database import Connection
from shared.site.texts.pages import Verified


async def last(connection: Connection) -> Verified | None:
    """Returns the result of the register's last verification of figures; `None`: none yet."""
    row = await connection.fetchrow("SELECT day, items, clocks, differ FROM desk.verified")
    return None if row is None else Verified(*row.values())
