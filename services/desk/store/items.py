"""The items: locked in order of id, saved as their facts say them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.domain.days import instant_of, local_day
from services.desk.domain.fold import fold
from services.desk.domain.item import Item, ItemStatus
from services.desk.domain.label_perimeter import service_on_day_zero
from services.desk.store import fact_history, facts, search_index
from shared.facts.envelope import Digest, ItemId
from shared.facts.items import Items
from shared.platform.database import Connection

COLUMNS: Final = (
    "item_id", "chrono", "seq", "state", "channel", "category", "nature", "perimeter", "priority",
    "confidentiality", "service", "agent", "signatory", "correspondent", "received_on",
    "received_at", "provisional", "registered_at", "answered_at", "merged_into", "returned_at",
    "copies", "informed", "was_reserved", "theme", "late_cause", "queue_source",
    "queue_rule", "outside_service",
)  # fmt: skip
"""Columns of `desk.items`, in the order in which they are saved."""
NO_RULE: Final = "-"
"""In `queue_rule`, and in what is asked of the queue: no rule recognised the letter."""


@dataclass(frozen=True, slots=True)
class StoredItemRow:
    """An item as stored, with all its facts."""

    item: Item
    facts: Sequence[Items]


async def lock(
    connection: Connection, item_ids: Iterable[ItemId]
) -> Mapping[ItemId, StoredItemRow]:
    """Locks items until the transaction ends and reads them; unknown ids are left out.

    Raises UnreadableRow, as `peek` and `read` do.
    """
    locked = await lock_rows(connection, sorted(set(item_ids)))
    return await peek(connection, locked) if locked else {}


async def peek(
    connection: Connection, item_ids: Sequence[ItemId]
) -> Mapping[ItemId, StoredItemRow]:
    """Reads items with their facts, without a lock. Raises UnreadableRow; skips unknown ids."""
    stated = await fact_history.of_items(connection, item_ids)
    return {item_id: StoredItemRow(fold(told), told) for item_id, told in stated.items()}


async def read(connection: Connection, item_ids: Iterable[ItemId]) -> Mapping[ItemId, Item]:
    """Reads items without their facts or a lock. Raises UnreadableRow; skips unknown ids."""
    stated = await fact_history.of_items(connection, sorted(set(item_ids)))
    return {item_id: fold(told) for item_id, told in stated.items()}


async def lock_rows(connection: Connection, item_ids: Sequence[ItemId]) -> Sequence[ItemId]:
    """Locks item rows in the order of id until the transaction ends; returns existing ids."""
    if not item_ids:
        return []
    rows = await connection.fetch(
        """
        SELECT item_id FROM desk.items
        WHERE item_id = ANY($1::uuid[]) ORDER BY item_id FOR UPDATE
        """,
        item_ids,
    )
    return [ItemId(row["item_id"]) for row in rows]


async def save(connection: Connection, items: Sequence[Item], zone: ZoneInfo) -> None:
    """Writes items' rows as their facts say; columns that sla or proposals fill stay."""
    if not items:
        return
    await connection.execute(
        """
        WITH row AS MATERIALIZED (
            SELECT * FROM unnest(
                $1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::bool[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
                $14::text[], $15::date[], $16::timestamptz[], $17::bool[], $18::timestamptz[],
                $19::timestamptz[], $20::uuid[], $21::timestamptz[], $22::text[], $23::text[],
                $24::bool[], $25::text[], $26::text[], $27::text[], $28::text[], $29::text[])
                AS row (item_id, chrono, seq, state, channel, category, nature, perimeter,
                        priority, confidentiality, service, agent, signatory, correspondent,
                        received_on, received_at, provisional, registered_at, answered_at,
                        merged_into, returned_at, copies, informed, was_reserved, theme,
                        late_cause, queue_source, queue_rule, zero_service)
        ), label AS MATERIALIZED (
            -- Once for a service and a day, however many items a batch has of them.
            SELECT zero_service, received_on,
                   desk.perimeter_at(zero_service, received_on) AS covered
            FROM (SELECT DISTINCT zero_service, received_on FROM row) AS asked
        )
        INSERT INTO desk.items
            (item_id, chrono, seq, state, channel, category, nature, perimeter, priority,
             confidentiality, service, agent, signatory, correspondent, received_on, received_at,
             provisional, registered_at, answered_at, merged_into, returned_at, copies, informed,
             was_reserved, theme, late_cause, queue_source, queue_rule, outside_service)
        SELECT item_id, chrono, seq, state, channel, category, nature, perimeter AND covered,
               priority, confidentiality, service, agent, signatory, correspondent, received_on,
               received_at, provisional, registered_at, answered_at, merged_into, returned_at,
               string_to_array(copies, ' '), string_to_array(informed, ' '), was_reserved, theme,
               late_cause, queue_source, queue_rule,
               CASE WHEN perimeter AND NOT covered THEN zero_service END
        FROM row JOIN label USING (zero_service, received_on)
        ON CONFLICT (item_id) DO UPDATE SET
            seq = excluded.seq, state = excluded.state, category = excluded.category,
            nature = excluded.nature, perimeter = excluded.perimeter,
            priority = excluded.priority, confidentiality = excluded.confidentiality,
            service = excluded.service, agent = excluded.agent, signatory = excluded.signatory,
            received_on = excluded.received_on, received_at = excluded.received_at,
            provisional = excluded.provisional, answered_at = excluded.answered_at,
            merged_into = excluded.merged_into, returned_at = excluded.returned_at,
            copies = excluded.copies,
            informed = excluded.informed, was_reserved = excluded.was_reserved,
            theme = excluded.theme, late_cause = excluded.late_cause,
            queue_source = excluded.queue_source, queue_rule = excluded.queue_rule,
            outside_service = excluded.outside_service
        """,
        *zip(*(columns(item, zone) for item in items), strict=True),
    )


def columns(item: Item, zone: ZoneInfo) -> tuple[object, ...]:
    """Returns an item's values for each of `COLUMNS`; the last is its service on day 0."""
    what, reply = item.classification, item.reply
    return (
        item.item_id,
        item.chrono,
        item.seq,
        item.state.value,
        item.channel.value,
        what.category,
        what.nature.value,
        what.perimeter,
        what.priority.value,
        what.confidentiality.value,
        item.service,
        item.agent,
        item.signatory,
        item.correspondent,
        local_day(item.receipt, zone),
        instant_of(item.receipt, zone),
        item.provisional,
        item.opened.recorded_at,
        None if reply is None else reply.happened_at,
        item.merged_into,
        min((letter.happened_at for letter in item.to_settle), default=None),
        # Arrays of unequal lengths can't be unnested side by side; a code has no space.
        " ".join(item.copies),
        " ".join(item.informed),
        item.was_reserved,
        what.theme,
        None if item.late_cause is None else item.late_cause.value,
        *_queue_columns(item),
        service_on_day_zero(item, zone),
    )


def _queue_columns(item: Item) -> tuple[str | None, str | None]:
    """Source and rule of a letter that waits to be qualified; of others nobody asks."""
    if item.state is not ItemStatus.TO_QUALIFY:
        return None, None
    proposal = item.opened.proposal
    return item.opened.source or "", NO_RULE if proposal is None else proposal.rule


async def remember_messages(
    connection: Connection, messages: Sequence[tuple[Digest, ItemId]]
) -> None:
    """Stores Message-IDs of items, by which later mails find them; a known one is kept."""
    if messages:
        await connection.execute(
            """
            INSERT INTO desk.messages (message, item_id)
            SELECT * FROM unnest($1::text[], $2::uuid[]) ON CONFLICT (message) DO NOTHING
            """,
            *zip(*messages, strict=True),
        )


async def append(
    connection: Connection, new: Sequence[Items], said: Sequence[Item], zone: ZoneInfo
) -> None:
    """Stores new facts with their evidence and outbox rows, and saves the items after them.

    Whoever states facts calls services/desk/statements.py, which knows what else they end.
    """
    await facts.keep(connection, new)
    await search_index.note_reworded(connection, new)
    await save(connection, said, zone)
