"""The clocks of items, and the limit that each item's row shows."""

from collections.abc import Mapping, Sequence
from functools import partial

import asyncpg

from services.desk.domain.clock_history import TOLD
from services.desk.domain.clocks import ANSWER, ItemClock
from shared.facts.clocks import Holder, Outcome
from shared.facts.envelope import ItemId
from shared.facts.vocabulary import ClockName
from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.platform.postgres.rows import UnreadableRow

ClockKey = tuple[ItemId, ClockName]


async def of_items(
    connection: Connection, item_ids: Sequence[ItemId]
) -> Mapping[ClockKey, ItemClock]:
    """Reads the deadline timers of these items. Raises UnreadableRow."""
    found, unreadable = await readable(connection, item_ids)
    for error in unreadable.values():
        raise error
    return found


async def readable(
    connection: Connection, item_ids: Sequence[ItemId]
) -> tuple[Mapping[ClockKey, ItemClock], Mapping[ClockKey, UnreadableRow]]:
    """Reads the deadline timers of these items, and an error for each that is unreadable."""
    stored = await connection.fetch(
        "SELECT * FROM desk.clocks WHERE item_id = ANY($1::uuid[])", item_ids
    )
    found, unreadable = dict[ClockKey, ItemClock](), dict[ClockKey, UnreadableRow]()
    for row in stored:
        key = (ItemId(row["item_id"]), ClockName(row["clock"]))
        try:
            found[key] = rows.read("desk.clocks", "/".join(map(str, key)), partial(_clock, row))
        except UnreadableRow as error:
            unreadable[key] = error
    return found, unreadable


def _clock(row: asyncpg.Record) -> ItemClock:
    return ItemClock(
        item_id=ItemId(row["item_id"]),
        clock=ClockName(row["clock"]),
        revision=row["revision"],
        limit=row["limit_day"],
        holder=Holder.model_validate(row["holder"]),
        commitment=row["commitment"],
        day_zero=row["day_zero"],
        paused_since=row["paused_since"],
        paused_until=row["paused_until"],
        rungs=tuple(row["rungs"]),
        stopped_at=row["stopped_at"],
        outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
        raw=row["raw"],
        net=row["net"],
        rules=row["rules"],
        told=TOLD.validate_python(row["told"]),
        heard=row["heard"],
    )


async def save(connection: Connection, clocks: Sequence[ItemClock]) -> None:
    """Saves deadline timers, and on each item the limit by which it must be answered."""
    if not clocks:
        return
    await connection.execute(
        """
        INSERT INTO desk.clocks
            (item_id, clock, revision, limit_day, holder, commitment, day_zero, paused_since,
             paused_until, rungs, stopped_at, outcome, raw, net, rules, told, heard)
        SELECT item_id, clock, revision, limit_day, holder, commitment, day_zero, paused_since,
               paused_until, string_to_array(rungs, ' '), stopped_at, outcome, raw, net, rules,
               told::jsonb, heard
        FROM unnest($1::uuid[], $2::text[], $3::int[], $4::date[], $5::jsonb[], $6::text[],
                    $7::date[], $8::date[], $9::date[], $10::text[], $11::timestamptz[],
                    $12::text[], $13::int[], $14::int[], $15::int[], $16::text[], $17::jsonb[])
             AS told (item_id, clock, revision, limit_day, holder, commitment, day_zero,
                      paused_since, paused_until, rungs, stopped_at, outcome, raw, net, rules, told,
                      heard)
        ON CONFLICT (item_id, clock) DO UPDATE SET
            revision = excluded.revision, limit_day = excluded.limit_day,
            holder = excluded.holder, commitment = excluded.commitment,
            day_zero = excluded.day_zero, paused_since = excluded.paused_since,
            paused_until = excluded.paused_until, rungs = excluded.rungs,
            stopped_at = excluded.stopped_at, outcome = excluded.outcome, raw = excluded.raw,
            net = excluded.net, rules = excluded.rules, told = excluded.told,
            heard = excluded.heard
        """,
        *zip(*(_row(clock) for clock in clocks), strict=True),
    )
    await connection.execute(
        """
        UPDATE desk.items SET due = answer.limit_day, due_clock = answer.clock,
                              at_risk = coalesce(answer.risk, false)
        FROM unnest($1::uuid[]) AS ids (item_id)
        LEFT JOIN LATERAL (
            -- One by one: a plan made while there were few would go on reading all of them.
            SELECT c.limit_day, c.clock, cardinality(c.rungs) > 0 AS risk FROM desk.clocks c
            WHERE c.item_id = ids.item_id AND c.outcome IS NULL AND c.clock = ANY($2::text[])
            ORDER BY array_position($2::text[], c.clock) LIMIT 1
        ) AS answer ON true
        WHERE items.item_id = ids.item_id
        """,
        sorted({clock.item_id for clock in clocks}),
        [name.value for name in ANSWER],
    )


def _row(clock: ItemClock) -> tuple[object, ...]:
    return (
        clock.item_id,
        clock.clock.value,
        clock.revision,
        clock.limit,
        clock.holder.model_dump(mode="json"),
        clock.commitment,
        clock.day_zero,
        clock.paused_since,
        clock.paused_until,
        " ".join(clock.rungs),
        clock.stopped_at,
        None if clock.outcome is None else clock.outcome.value,
        clock.raw,
        clock.net,
        clock.rules,
        TOLD.dump_json(clock.told).decode(),
        dict(clock.heard),
    )
