"""The brake: a wave of rungs that no day has known waits for a person's word.

A wrong hour that nobody contradicts, a restored table or a fault of ours would else tell thousands
of people in half a minute what is not so. What rules or an import bring is not counted: both were
shown before they were applied. A story is exempt: its moments leap.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.sla.steps import BatchContext
from shared.platform.database import Connection

FACTOR = 10
"""Times the busiest day before."""
AT_LEAST = 1000
"""So many may always fall at once."""
DAYS = 20
"""Jours ouvrés before today, whose busiest is the measure."""

LARGEST = "SELECT coalesce(max(rungs), 0) FROM sla.rungs_of_day WHERE day >= $1 AND day < $2"
RELEASED = "SELECT EXISTS (SELECT FROM sla.releases WHERE until > $1)"
DUE = """
    SELECT count(*) FROM (
        SELECT FROM sla.items WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2
    ) AS due
"""  # in order: else a plan for any moment reads the whole table to find none
UNEXPECTED = """
    SELECT count(*) FROM (
        SELECT FROM sla.items AS item WHERE wake_at <= $1 AND edition >= $3
        AND NOT EXISTS (
            SELECT FROM sla.facts WHERE facts.item_id = item.item_id
            AND payload::jsonb->>'type' = 'ItemRegistered' AND payload::jsonb->>'via' = 'import')
        LIMIT $2
    ) AS unexpected
"""
HOLD = """
    INSERT INTO sla.brake AS brake (since, due, largest) VALUES ($1, $2, $3)
    ON CONFLICT (single) DO UPDATE SET due = excluded.due, largest = excluded.largest
    WHERE (brake.due, brake.largest) <> (excluded.due, excluded.largest)
"""
LET_GO = "DELETE FROM sla.brake"
COUNT = """
    INSERT INTO sla.rungs_of_day AS told (day, rungs) VALUES ($1, $2)
    ON CONFLICT (day) DO UPDATE SET rungs = told.rungs + excluded.rungs
"""
RELEASE = "INSERT INTO sla.releases (at, until, by, why, due) VALUES ($1, $2, $3, $4, $5)"


@dataclass(frozen=True, slots=True)
class HeldWave:
    """The unusually many reminders that are due at once and wait until a person releases them."""

    since: datetime
    due: int
    """Items; at least so many."""
    largest: int

    @property
    def sentence(self) -> str:
        """The held-back reminders as one sentence, for the log and the status page."""
        return (
            f"{self.due} items or more are due at once and {self.largest} rungs were told on the "
            f"busiest of the last {DAYS} jours ouvrés: nothing that time makes due is announced "
            "until `vaguemestre sla release --by NAME --why REASON`."
        )


async def holds(connection: Connection, ground: BatchContext) -> bool:
    """Returns whether too many items are due at once, so that their reminders wait; stores it.

    Too many are over a thousand, and ten times the most reminders of a day in the last twenty jours
    ouvrés. Imported items, and those to be planned anew under new rules, are not counted.
    """
    rules = ground.edition.rulebook.last
    today = rules.day(ground.now)
    first = rules.calendar.add(today, -DAYS)
    largest: int = await connection.fetchval(LARGEST, first, today)
    most = max(AT_LEAST, FACTOR * largest)
    due: int = await connection.fetchval(DUE, ground.now, most + 1)
    if due > most and not await connection.fetchval(RELEASED, ground.now):
        due = await connection.fetchval(UNEXPECTED, ground.now, most + 1, ground.edition.number)
        if due > most:
            await connection.execute(HOLD, ground.now, due, largest)
            return True
    await connection.execute(LET_GO)
    return False


async def count(connection: Connection, ground: BatchContext, rungs: int) -> None:
    """Adds `rungs` to the stored number of today's reminders; later days are compared with it."""
    if rungs:
        await connection.execute(COUNT, ground.edition.rulebook.last.day(ground.now), rungs)


async def held_wave(connection: Connection) -> HeldWave | None:
    """Returns the wave of due reminders that is held back now for their number, or `None`."""
    row = await connection.fetchrow("SELECT since, due, largest FROM sla.brake")
    return None if row is None else HeldWave(row["since"], row["due"], row["largest"])


async def release(
    connection: Connection, ground: BatchContext, by: str, why: str
) -> tuple[HeldWave | None, datetime]:
    """Releases the reminders held back, and all that fall due until local midnight.

    Returns the wave that waited, or `None`, and that midnight.
    """
    rules = ground.edition.rulebook.last
    waited = await held_wave(connection)
    until = rules.start(rules.day(ground.now) + timedelta(days=1))
    due = None if waited is None else waited.due
    await connection.execute(RELEASE, ground.now, until, by, why, due)
    await connection.execute(LET_GO)
    return waited, until
