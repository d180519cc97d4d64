"""What the register stated of each week's figures, and the result of its last verification."""

import logging
from datetime import date

import orjson
from pydantic import ValidationError

from shared.facts.quality.figures import FiguresStated
from shared.platform.database import Connection
from shared.site.texts.pages import Verified

log = logging.getLogger(__name__)


async def keep(connection: Connection, fact: FiguresStated) -> None:
    """Stores the figures that the register stated for a week; a week that is stored stays."""
    await connection.execute(
        "INSERT INTO notify.stated_figures (week, fact) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        fact.week,
        fact.model_dump(mode="json"),
    )


async def of_week(connection: Connection, week: date) -> FiguresStated | None:
    """Returns the stated figures of a week, named by its Monday; `None`: none to be read."""
    kept = await connection.fetchval("SELECT fact FROM notify.stated_figures WHERE week = $1", week)
    if kept is None:
        return None
    try:
        return FiguresStated.model_validate_json(orjson.dumps(kept))
    except ValidationError:
        log.warning("the figures of the week of %s can't be read", week)
        return None


async def last_verification(connection: Connection) -> Verified | None:
    """Returns the result of the register's last verification of figures; `None`: none yet."""
    row = await connection.fetchrow("SELECT day, items, clocks, differ FROM desk.verified")
    return None if row is None else Verified(*row.values())
