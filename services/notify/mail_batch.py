"""The mails of several due notices, written in one transaction by a constant number of questions.

The first of them are written, in their order, as many as go together: a batch ends early before a
notice that lacks a file, and after one that fills a cap or with which it grows too large for
memory. Whatever is left is due still, and begins the next batch. A fault costs one notice.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from services.notify.batch_counts import BatchCounts
from services.notify.colleague_mails import write_alert
from services.notify.domain.calls import ToColleague
from services.notify.domain.item import NotifiedItem
from services.notify.domain.ledger import NoticeState
from services.notify.domain.policy import AT_ITS_CAP, Circumstances
from services.notify.faults import unwritable
from services.notify.follow_code_digests import give
from services.notify.ledger_decisions import LedgerDecision
from services.notify.mail_composition import MailSigning, ReadyMail
from services.notify.notice_case import TransactionReads, case_among
from services.notify.notice_writer import write_mail
from services.notify.public_address import AddressedNotice, address_notice
from services.notify.store import caps, facts
from services.notify.store.ledger import LedgerRow
from shared.content.files_first import NotAtHand
from shared.errors import TemporaryFailure
from shared.facts.envelope import NoticeId
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection, is_lost
from shared.site.tables.bundle import AppliedSite

MOST_OCTETS = 8_000_000
"""Of mails in memory at once: the one that exceeds it is the last of its batch."""

WrittenNotice: TypeAlias = ReadyMail | LedgerDecision
"""A mail of a due notice, or what is to be written in its stead."""
Write: TypeAlias = Callable[
    [Connection, Sequence[LedgerRow], MailSigning, datetime], AsyncIterator[WrittenNotice]
]
"""What makes the mails of the first of several due rows, one after the other."""
WritePage: TypeAlias = Callable[
    [Connection, LedgerRow, AppliedSite, MailSigning, datetime], Awaitable[WrittenNotice]
]
"""What makes the mail of a due row about no item."""
_Prepared: TypeAlias = WrittenNotice | AddressedNotice | Callable[[], Awaitable[WrittenNotice]]


async def write_mails(
    connection: Connection,
    rows: Sequence[LedgerRow],
    write: Write,
    ink: MailSigning,
    now: datetime,
) -> Sequence[WrittenNotice]:
    """Makes the mails of the first of these locked, due notices, at least of one, in their order.

    A notice whose mail can't be made for a fault of ours is held. Raises TemporaryFailure, and
    NotAtHand when the first one lacks a file.
    """
    made: list[WrittenNotice] = []
    try:
        async with connection.transaction():
            async for mail in write(connection, rows, ink, now):
                made.append(mail)  # noqa: PERF401  (those before a fault are counted)
            return made
    except Exception as error:
        if isinstance(error, TemporaryFailure) or is_lost(connection):
            raise
        if len(rows) == 1:
            return [unwritable(connection, rows[0], error, now)]
    # Those before the one at fault leave without it; at fault itself, it is written alone. What
    # fails behind the last of them has no notice of its own: with each round there is one fewer.
    return await write_mails(
        connection, rows[: min(len(made), len(rows) - 1) or 1], write, ink, now
    )


async def write_batch(
    connection: Connection,
    rows: Sequence[LedgerRow],
    applied: AppliedSite,
    ink: MailSigning,
    now: datetime,
    page_of: Callable[[NoticeKind], WritePage],
) -> AsyncIterator[WrittenNotice]:
    """Yields the mails of the first of these due notices, of whatever kind they are.

    Each is judged by what left lately and by what stands before it in the batch. Raises whatever
    writing the next one raises.
    """
    found = await _prepared(connection, rows, applied, ink, now, page_of)
    heard = await _heard(connection, found, applied, now)
    said: list[tuple[NoticeKind, NotifiedItem]] = []
    counted = BatchCounts()
    octets = 0
    for number, notice in enumerate(found):
        try:
            made = await _made(connection, notice, ink, heard, counted)
        except NotAtHand:
            # What wrote nothing yet may be left for the next batch; any other begins anew.
            if number == 0 or not isinstance(notice, AddressedNotice):
                raise
            break
        yield made
        if isinstance(made, ReadyMail):
            octets += len(made.envelope.message)
            if isinstance(notice, AddressedNotice):
                said.append((made.row.entry.kind, notice.case.item))
            if made.counted:
                counted.add(made.row)
        if octets > MOST_OCTETS or _fills_a_cap(made):
            break
    await give(connection, ink, said, now)


async def _prepared(
    connection: Connection,
    rows: Sequence[LedgerRow],
    applied: AppliedSite,
    ink: MailSigning,
    now: datetime,
    page_of: Callable[[NoticeKind], WritePage],
) -> Sequence[_Prepared]:
    """The first of these notices with what they are written from, one at least."""
    read = await facts.read(connection, {row.item_id for row in rows if row.item_id})
    reads, found = TransactionReads(), list[_Prepared]()

    async def prepared(row: LedgerRow) -> _Prepared:
        if row.item_id is None:
            return lambda: page_of(row.entry.kind)(connection, row, applied, ink, now)
        case = case_among(read, row, applied, now, reads)
        if isinstance(case, LedgerDecision):
            return case
        if isinstance(case.call.recipient, ToColleague):
            return lambda: write_alert(connection, case, ink)
        return await address_notice(case, ink)

    for row in rows:
        # What may have been told before is counted already, so that it is a batch of its own.
        if found and row.entry.state is NoticeState.UNKNOWN:
            break
        try:
            found.append(await prepared(row))
        except (NotAtHand, Exception):
            if not found:
                raise
            break
        if row.entry.state is NoticeState.UNKNOWN:
            break
    return found


async def _heard(
    connection: Connection, found: Sequence[_Prepared], applied: AppliedSite, now: datetime
) -> dict[NoticeId, Circumstances]:
    """What was told lately to whom, of each notice to the public."""
    asked = [(notice.row, notice.digest) for notice in found if isinstance(notice, AddressedNotice)]
    if not asked:
        return {}
    today = now.astimezone(applied.site.zone).date()
    heard = await caps.read_circumstances(connection, asked, today, now)
    return {row.entry.notice_id: about for (row, _), about in zip(asked, heard, strict=True)}


async def _made(
    connection: Connection,
    notice: _Prepared,
    ink: MailSigning,
    heard: dict[NoticeId, Circumstances],
    counted: BatchCounts,
) -> WrittenNotice:
    if isinstance(notice, AddressedNotice):
        around = counted.before(notice.row, heard[notice.row.entry.notice_id])
        return await write_mail(connection, notice, ink, around)
    return notice if isinstance(notice, ReadyMail | LedgerDecision) else await notice()


def _fills_a_cap(made: WrittenNotice) -> bool:
    """Whether an address was counted at its cap, which may silence it for those that follow."""
    return isinstance(made, LedgerDecision) and made.row.entry.why == AT_ITS_CAP
