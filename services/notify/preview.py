"""A notice as it would leave now, shown to somebody of ours; nothing is written or sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.notify.domain.due import urgency
from services.notify.domain.ledger import LedgerEntry, NoticeState
from services.notify.domain.policy import Circumstances, Hold, Later, Never, SendNow, judge
from services.notify.held_notices import why_moot
from services.notify.incomplete import Incomplete
from services.notify.item_notices import calls_of
from services.notify.mail_composition import MailSigning
from services.notify.notice_case import NoticeCase
from services.notify.notice_plis import pli_to_answer
from services.notify.notice_writer import notice_text
from services.notify.printer import pdf
from services.notify.store import facts, ledger
from services.notify.store.ledger import LedgerRow
from shared.content.files_first import FilesFirst
from shared.errors import Refused
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Connection, Pool
from shared.site import store

STANDS: Final[Mapping[NoticeState, str]] = {
    NoticeState.PLANNED: "It leaves by itself.",
    NoticeState.TO_PRINT: "It waits to be printed; its departure is still to be keyed.",
    NoticeState.ATTEMPTING: "It is leaving.",
    NoticeState.UNKNOWN: "It may have left: it is tried once more.",
    NoticeState.HELD: "It is held: {why}.",
    NoticeState.SENT: "It has left.",
    NoticeState.FAILED: "It was refused: {why}.",
    NoticeState.BOUNCED: "It left and came back: {why}.",
    NoticeState.WITHDRAWN: "It does not leave: {why}.",
}
"""What has become of a notice that the ledger knows."""


@dataclass(frozen=True, slots=True)
class NoticePreview:
    """A notice as it would be sent now, and whether it would leave."""

    verdict: str
    text: str = ""
    octets: bytes = b""


async def preview(
    pool: Pool, kind: NoticeKind, chrono: str, way: Way, ink: MailSigning, now: datetime
) -> NoticePreview:
    """Renders a notice without sending it; on paper, returns the PDF that waits to be printed.

    Raises Refused when nothing of that kind is called for.
    """
    files = FilesFirst(ink.blobs)
    ink = replace(ink, blobs=files)
    return await files.transact(
        pool, lambda connection: _preview(connection, kind, chrono, way, ink, files, now)
    )


async def _preview(
    connection: Connection,
    kind: NoticeKind,
    chrono: str,
    way: Way,
    ink: MailSigning,
    files: FilesFirst,
    now: datetime,
) -> NoticePreview:
    applied = await store.current(connection)
    item = await facts.item(connection, await facts.with_chrono(connection, chrono))
    if item is None:
        raise Refused(f"notify never heard of {chrono}.")
    call = next((call for call in calls_of(item, applied, now) if call.kind is kind), None)
    if call is None:
        why = why_moot(kind, item, applied.site)
        raise Refused(why or f"{chrono} calls for no {kind} now.")
    notice = call.notice(applied.site.identity.id)
    entry = LedgerEntry(notice, call.occasion, kind, NoticeState.PLANNED)
    row = LedgerRow(entry, item.registered.item_id, None, way, urgency(call), now, now)
    case = NoticeCase(row, call, item, applied, now)
    kept = (await ledger.by_id(connection, [notice])).get(notice)
    made = None if kept is None or kept.entry.state is not NoticeState.TO_PRINT else kept.document
    if kept is not None and made is not None and way is Way.PAPER:
        return NoticePreview(_stands(kept), octets=await ink.blobs.get(made))
    verdict = _would(case) if kept is None else _stands(kept)
    try:
        if way is Way.PAPER:
            return NoticePreview(verdict, octets=await pdf(connection, case, ink, files))
        pli = await pli_to_answer(ink, item)
        said = await notice_text(connection, case, ink, pli)
    except Incomplete as lacking:
        raise Refused(f"It can't be written: {lacking}.") from lacking
    return NoticePreview(verdict, text=f"{said.subject}\n\n{said.text}")


def _would(case: NoticeCase) -> str:
    """What would become of a notice that the ledger does not know yet."""
    match judge(case.call, case.item, case.applied, Circumstances(), case.now):
        case Hold(why):
            return f"It would be held: {why}."
        case Never(why):
            return f"It would never leave: {why}."
        case SendNow() | Later():
            return "It would leave by itself."


def _stands(row: LedgerRow) -> str:
    """What has become of it, as the ledger says."""
    to_make = row.entry.state is NoticeState.PLANNED and row.way is Way.PAPER
    said = "Its letter is about to be made." if to_make else STANDS[row.entry.state]
    return said.format(why=row.entry.why)
