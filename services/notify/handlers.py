"""What notify does with each fact it hears: lock, keep what is new, decide, save, tell."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from services.notify import person_changes, root_mails
from services.notify.domain.acknowledgements import wakes_on
from services.notify.domain.fold import fold
from services.notify.domain.item import NotifiedItem
from services.notify.domain.item_changes import TELLING
from services.notify.domain.ledger import NoticeState
from services.notify.held_notices import take_words
from services.notify.item_notices import decide
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write
from services.notify.store import facts, ledger, note_mentions, opinions, thirds, unreadable_rows
from shared.facts.envelope import Chrono, ItemId, NoticeId
from shared.facts.items import Items
from shared.facts.items.directory import PersonChanged
from shared.facts.items.evidence import EvidenceSealed
from shared.platform.database import Connection
from shared.platform.failures import reason_of
from shared.platform.messaging.subscription import Handle, RejectedFact, pass_over_known
from shared.platform.observability.logs import Log
from shared.site.applied_rules import AppliedRules
from shared.site.tables.bundle import AppliedSite

WAKE_BATCH = 500
Saved = tuple[ItemId, Chrono, datetime | None, bool, bool]

log = Log("handlers")


def hears_items(rules: AppliedRules) -> Handle[Items]:
    """Makes notify's handler of topic `items`, which plans, holds or withdraws notices."""

    async def hear(
        connection: Connection, batch: Sequence[Items], now: datetime
    ) -> Sequence[RejectedFact[Items]]:
        # As the transaction sees it: nothing heard after go-live is left out for want of its news.
        applied = await rules.in_transaction(connection)
        sealed = [fact for fact in batch if isinstance(fact, EvidenceSealed)]
        new_roots = await root_mails.plan(connection, sealed, applied, now)
        pass_over_known(sealed, new_roots)
        changes = [fact for fact in batch if isinstance(fact, PersonChanged)]
        await person_changes.plan(connection, changes, applied, now)
        telling = [fact for fact in batch if fact.type in TELLING]
        if telling:
            await facts.lock(connection, {fact.item_id for fact in telling})
            new = await facts.keep_new(connection, telling)
            pass_over_known(telling, {fact.event_id for fact in new})
            await note_mentions.keep(connection, new)
            await opinions.keep(connection, new)
            await thirds.keep(connection, new)
            await settle(connection, {fact.item_id for fact in new}, applied, now)
            await take_words(connection, new, applied, now)
        return ()

    return hear


async def settle(
    connection: Connection, item_ids: Iterable[ItemId], applied: AppliedSite, now: datetime
) -> None:
    """Plans, holds or withdraws the notices of these items, which the caller has locked.

    An item that can't be read or judged is set aside, and stops no other.
    """
    ids = sorted(item_ids)
    if not ids:
        return
    known, unreadable = await facts.read(connection, ids)
    rows = await ledger.of_items(connection, ids)
    decided: list[LedgerDecision] = []
    saved: list[Saved] = []
    for item_id in ids:
        try:
            told = _told(item_id, known, unreadable)
            what, save = _decided(told, rows.get(item_id, {}), applied, now)
        except Exception as error:  # noqa: BLE001  (whatever it is, it costs one item)
            await unreadable_rows.item(connection, item_id, error)
            log.warning("item_parked", id=str(item_id), reason=reason_of(error))
        else:
            decided += what
            saved += save
    await facts.save(connection, saved)
    await write(connection, await _not_parked(connection, decided), now)


async def decided_of(
    connection: Connection, item_id: ItemId, applied: AppliedSite, now: datetime
) -> tuple[Sequence[LedgerDecision], Sequence[Saved]]:
    """Returns the decisions on a locked item's notices and the rows to save.

    Raises whatever reading or judging its facts raised.
    """
    known, unreadable = await facts.read(connection, [item_id])
    rows = (await ledger.of_items(connection, [item_id])).get(item_id, {})
    decided, saved = _decided(_told(item_id, known, unreadable), rows, applied, now)
    return await _not_parked(connection, decided), saved


def _told(
    item_id: ItemId, known: facts.FactsByItem, unreadable: Mapping[ItemId, Exception]
) -> Sequence[Items]:
    if (error := unreadable.get(item_id)) is not None:
        raise error
    return known.get(item_id, ())


def _decided(
    told: Sequence[Items],
    rows: Mapping[NoticeId, ledger.LedgerRow],
    applied: AppliedSite,
    now: datetime,
) -> tuple[Sequence[LedgerDecision], Sequence[Saved]]:
    item = fold(told)
    if item is None:
        return (), ()
    wakes = _wakes_at(item, applied, now)
    letters = bool(item.returned), item.signing is not None
    saved = (item.registered.item_id, item.registered.chrono, wakes, *letters)
    return decide(item, rows, applied, now), [saved]


async def _not_parked(
    connection: Connection, decided: Sequence[LedgerDecision]
) -> Sequence[LedgerDecision]:
    """Without what would write over a notice whose row can't be read: it may have left."""
    states = await ledger.states(connection, [decision.row.entry.notice_id for decision in decided])
    return [
        decision
        for decision in decided
        if states.get(decision.row.entry.notice_id) is not NoticeState.PARKED
    ]


def _wakes_at(item: NotifiedItem, applied: AppliedSite, now: datetime) -> datetime | None:
    """The moment of the day rungs on calendar day 10, if it lies ahead."""
    day = wakes_on(item, applied.site.zone)
    if day is None:
        return None
    moment = datetime.combine(day, applied.site.identity.day_rung, tzinfo=applied.site.zone)
    return moment if moment > now else None


async def wake(connection: Connection, applied: AppliedSite, now: datetime) -> int:
    """Plans the notices of items whose wake-up time has come, at most 500; returns how many."""
    woken = await facts.awake(connection, now, WAKE_BATCH)
    await settle(connection, woken, applied, now)
    return len(woken)
