"""What was heard last of the clocks of an item (services/notify/domain/clock_news.py)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

from services.notify.domain.clock_news import Guard
from shared.facts.envelope import ItemId
from shared.facts.vocabulary import ClockName
from shared.platform.database import Connection

GuardKey: TypeAlias = tuple[ItemId, ClockName]


async def of_items(
    connection: Connection, keys: Iterable[GuardKey], floors: Mapping[ItemId, int]
) -> dict[GuardKey, Guard]:
    """Reads the guards (last revisions received) of these clocks, whose items are locked."""
    ids = sorted(floors)
    rungs: dict[tuple[ItemId, str], dict[str, int]] = defaultdict(dict)
    for row in await connection.fetch(_RUNGS, ids):
        of_clock = rungs[ItemId(row["item_id"]), row["clock"]]
        of_clock[row["rung"]] = max(row["revision"], of_clock.get(row["rung"], 0))
    found = {
        (item_id, clock): Guard(floor=floors[item_id], rungs=rungs.get((item_id, clock.value), {}))
        for item_id, clock in keys
    }
    for row in await connection.fetch(_CLOCKS, ids):
        key = ItemId(row["item_id"]), ClockName(row["clock"])
        if key in found:
            found[key] = replace(
                found[key], ended=row["ended"], moved=row["moved"], limit=row["limit_day"]
            )
    return found


_CLOCKS = "SELECT * FROM notify.clock_guards WHERE item_id = ANY($1::uuid[])"
_RUNGS = """
    SELECT item_id, clock, rung, revision FROM notify.rung_guards WHERE item_id = ANY($1::uuid[])
    UNION ALL
    SELECT item_id, clock, rung, revision FROM notify.rungs WHERE item_id = ANY($1::uuid[])
"""


async def save(
    connection: Connection, before: Mapping[GuardKey, Guard], after: Mapping[GuardKey, Guard]
) -> None:
    """Saves the last revisions received (guards) of the clocks for which they have changed.

    The revision of a standing reminder is in its row.
    """
    changed = [key for key, guard in after.items() if guard != before[key]]
    clocks = [(key, after[key]) for key in changed if after[key].ended or after[key].moved]
    if clocks:
        await connection.execute(
            """
            INSERT INTO notify.clock_guards (item_id, clock, ended, moved, limit_day)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::date[])
            ON CONFLICT (item_id, clock) DO UPDATE SET
                ended = excluded.ended, moved = excluded.moved, limit_day = excluded.limit_day
            """,
            [item_id for (item_id, _), _ in clocks],
            [clock.value for (_, clock), _ in clocks],
            [guard.ended for _, guard in clocks],
            [guard.moved for _, guard in clocks],
            [guard.limit for _, guard in clocks],
        )
    await _save_rungs(connection, {key: after[key] for key in changed})


async def _save_rungs(connection: Connection, changed: Mapping[GuardKey, Guard]) -> None:
    await connection.execute(
        """
        DELETE FROM notify.rung_guards
        USING unnest($1::uuid[], $2::text[]) AS gone (item_id, clock)
        WHERE rung_guards.item_id = gone.item_id AND rung_guards.clock = gone.clock
        """,
        [item_id for item_id, _ in changed],
        [clock.value for _, clock in changed],
    )
    rungs = [(key, *each) for key, guard in changed.items() for each in guard.rungs.items()]
    await connection.execute(
        """
        INSERT INTO notify.rung_guards (item_id, clock, rung, revision)
        SELECT told.* FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[])
            AS told (item_id, clock, rung, revision)
        WHERE NOT EXISTS (
            SELECT FROM notify.rungs AS stands
            WHERE (stands.item_id, stands.clock, stands.rung)
                = (told.item_id, told.clock, told.rung))
        """,
        [item_id for (item_id, _), _, _ in rungs],
        [clock.value for (_, clock), _, _ in rungs],
        [rung for _, rung, _ in rungs],
        [revision for _, _, revision in rungs],
    )
