"""What a person decides of a notice that waits: let it leave, or not."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.notify.domain.copies import ADDRESSED
from services.notify.domain.item import NotifiedItem
from services.notify.domain.judges import may_judge
from services.notify.domain.ledger import DROPPED, MOOT, NoticeState
from services.notify.domain.occasions import is_moot
from services.notify.item_notices import calls_of
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write
from services.notify.notice_facts import tell
from services.notify.store import facts, ledger, ledger_lists
from services.notify.store.ledger import LedgerRow
from shared.content import chronos, plis
from shared.content.addresses import UnusableAddress, one_address
from shared.errors import Refused
from shared.facts.authors import by_person, person_of
from shared.facts.envelope import Chrono, ItemId, NoticeId
from shared.facts.items import Items
from shared.facts.items.notice_orders import NoticeDropped, NoticeReleased
from shared.facts.origin import UNKNOWN, Origin
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.people import Person


def chrono_of(text: str, site: Site, now: datetime) -> Chrono:
    """Parses the chrono that a person typed, whole or as this year's number. Raises Refused."""
    return chronos.read(text, site.identity.department, now.astimezone(site.zone).year)


async def find_held(connection: Connection, text: str, site: Site, now: datetime) -> NoticeId:
    """Finds a notice by its id, or by the chrono of an item with exactly one held notice.

    Raises Refused when the item has none or several; whether an id exists is not asked.
    """
    with suppress(ValueError):
        return NoticeId(UUID(text))
    chrono = chrono_of(text, site, now)
    item = await facts.with_chrono(connection, chrono)
    held = [
        row
        for row in await ledger_lists.in_state(connection, NoticeState.HELD)
        if row.item_id == item
    ]
    if item is None or not held:
        why = await _why_nothing(connection, item, site)
        raise Refused(why or f"Nothing of {chrono} is held: see `vaguemestre notify held list`.")
    if len(held) > 1:
        several = ", ".join(f"{row.entry.kind} {row.entry.notice_id}" for row in held)
        raise Refused(f"Several notices of {chrono} are held, say which by its id: {several}.")
    return held[0].entry.notice_id


async def _why_nothing(connection: Connection, item_id: ItemId | None, site: Site) -> str | None:
    """That its reply withdrew what was held, if so."""
    if item_id is None:
        return None
    rows = (await ledger.of_items(connection, [item_id])).get(item_id, {}).values()
    kinds = [row.entry.kind for row in rows if row.entry.why == MOOT]
    item = await facts.item(connection, item_id)
    return why_moot(kinds[0], item, site) if item is not None and kinds else None


async def release(
    connection: Connection,
    notice: NoticeId,
    person: str,
    applied: AppliedSite,
    now: datetime,
    origin: Origin = UNKNOWN,
) -> None:
    """Releases a held notice on a person's word: it is due at once. Raises Refused.

    Refused when it is not held or no longer called for, and before go-live.
    """
    row = await _waiting(connection, notice, {NoticeState.HELD})
    await _still_called_for(connection, row, applied, now)
    if applied.go_live is None:
        raise Refused(
            "The préfecture is not live: nothing leaves before `vaguemestre site go-live`."
        )
    entry = replace(row.entry, state=NoticeState.PLANNED, why=None)
    after = replace(row, entry=entry, released_by=person, due_at=now, revision=row.revision + 1)
    fact = tell(after, now, by=by_person(person), origin=origin)
    await write(connection, [LedgerDecision(after, None if row.way is Way.PAPER else fact)], now)


async def judged_by(
    connection: Connection, item_id: ItemId | None, person: Person, site: Site
) -> None:
    """Checks a person's permission to decide about a notice of this item. Raises Refused."""
    item = await facts.item(connection, item_id)
    if not may_judge(person, item, site):
        raise Refused(
            f"{person.id} may not: the service that has the item decides this, or the mail office."
        )


async def item_of(connection: Connection, notice: NoticeId) -> ItemId | None:
    """Returns the item that a notice is about; `None`: it is about none, or does not exist."""
    row = (await ledger.by_id(connection, [notice])).get(notice)
    return None if row is None else row.item_id


async def reachable(connection: Connection, notice: NoticeId, blobs: plis.Store) -> None:
    """Checks that the email of a notice has a usable address. Raises Refused when it has none."""
    row = (await ledger.by_id(connection, [notice])).get(notice)
    if row is None or row.item_id is None or row.way is not Way.MAIL or row.reader is not None:
        return
    if row.entry.kind in ADDRESSED:  # its address was said with its text
        return
    item = await facts.item(connection, row.item_id)
    if item is None:
        return
    key = item.sender or item.registered.pli
    given = "" if key is None else (await plis.read(blobs, key)).addressee.address
    try:
        one_address(given)
    except UnusableAddress as error:
        raise Refused(
            f"No usable e-mail address is known for {item.registered.chrono}: print it, or give one"
            " (`vaguemestre desk sender`)."
        ) from error


async def drop(
    connection: Connection,
    notice: NoticeId,
    person: str,
    now: datetime,
    origin: Origin = UNKNOWN,
) -> None:
    """Drops a notice that is held, planned or to be printed: it is never sent. Raises Refused.

    Refused in any other state.
    """
    row = await _waiting(
        connection, notice, {NoticeState.HELD, NoticeState.PLANNED, NoticeState.TO_PRINT}
    )
    entry = replace(row.entry, state=NoticeState.WITHDRAWN, why=DROPPED)
    after = replace(row, entry=entry, revision=row.revision + 1)
    fact = tell(after, now, by=by_person(person), origin=origin)
    await write(connection, [LedgerDecision(after, fact)], now)


async def take_words(
    connection: Connection, new: Sequence[Items], applied: AppliedSite, now: datetime
) -> None:
    """Carries out people's decisions, taken at the desk, to release or drop held notices.

    One that can't be carried out any more is ignored: the notice moved meanwhile.
    """
    for fact in new:
        if isinstance(fact, NoticeReleased | NoticeDropped):
            person, origin = person_of(fact.by) or fact.by, Origin(fact.via, fact.shell)
            with suppress(Refused):
                if isinstance(fact, NoticeReleased):
                    await release(connection, fact.notice_id, person, applied, now, origin)
                else:
                    await drop(connection, fact.notice_id, person, now, origin)


def why_moot(kind: NoticeKind, item: NotifiedItem, site: Site) -> str | None:
    """Returns a sentence when the reply left before an automatic notice, which is useless then.

    `None`: it is not.
    """
    if item.replied is None or not is_moot(kind, item):
        return None
    left = item.replied.happened_at.astimezone(site.zone).date()
    return f"The reply to {item.registered.chrono} left on {left}: its {kind} is moot."


async def _still_called_for(
    connection: Connection, row: LedgerRow, applied: AppliedSite, now: datetime
) -> None:
    """Refuses what would say to the sender less than they know. Raises Refused."""
    if row.item_id is None:
        return
    item = await facts.item(connection, row.item_id)
    site, notice = applied.site, row.entry.notice_id
    if item is None or any(
        call.notice(site.identity.id) == notice for call in calls_of(item, applied, now)
    ):
        return
    if (why := why_moot(row.entry.kind, item, site)) is not None:
        raise Refused(f"{why} Drop it.")
    raise Refused(f"{item.registered.chrono} calls for no {row.entry.kind} any more: drop it.")


async def _waiting(connection: Connection, notice: NoticeId, states: set[NoticeState]) -> LedgerRow:
    row = (await ledger.by_id(connection, [notice])).get(notice)
    if row is None:
        raise Refused("No notice has this id: `vaguemestre notify held list` shows those held.")
    if row.entry.state not in states:
        raise Refused(f"This notice is {row.entry.state}: nothing is left to decide.")
    return row
