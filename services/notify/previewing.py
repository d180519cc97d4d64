"""A notice as it would leave now, shown to somebody of ours; nothing is written or sent."""

from dataclasses import dataclass
from datetime import datetime

from services.notify.addressing import Ink
from services.notify.deciding import calls_of
from services.notify.domain.item import fold
from services.notify.domain.ledger import Entry, State
from services.notify.domain.policy import Circumstances, Hold, Never, judge
from services.notify.letters import Incomplete
from services.notify.printer import pdf
from services.notify.store import facts
from services.notify.store.ledger import Row
from services.notify.writing import Case, read, told
from shared.database import Connection
from shared.errors import Refused
from shared.facts.words import NoticeKind, Way
from shared.site import store


@dataclass(frozen=True, slots=True)
class Preview:
    """What would leave, and the judgement on it."""

    verdict: str
    text: str = ""
    octets: bytes = b""


async def preview(
    connection: Connection, kind: NoticeKind, chrono: str, way: Way, ink: Ink, now: datetime
) -> Preview:
    """The text, or on paper the PDF. Raises Refused when nothing of that kind is called for."""
    applied = await store.current(connection)
    found = await facts.with_chrono(connection, chrono)
    item = fold((await facts.of(connection, [found])).get(found, ())) if found else None
    if item is None:
        raise Refused(f"notify never heard of {chrono}.")
    call = next((one for one in calls_of(item, applied, now) if one.kind is kind), None)
    if call is None:
        raise Refused(f"{chrono} calls for no {kind} now.")
    notice = call.notice(applied.site.identity.id)
    entry = Entry(notice, call.occasion, kind, State.PLANNED)
    row = Row(entry, item.registered.item_id, None, way, now, now)
    case = Case(row, call, item, applied, now)
    match judge(call, item, applied, Circumstances(), now):
        case Hold(why):
            verdict = f"It would be held: {why}."
        case Never(why):
            verdict = f"It would never leave: {why}."
        case _:
            verdict = "It would leave by itself."
    try:
        if way is Way.PAPER:
            return Preview(verdict, octets=await pdf(connection, case, ink))
        pli = await read(ink, item.registered.pli)
        said = await told(connection, case, ink, pli)
    except Incomplete as lacking:
        raise Refused(f"It can't be written: {lacking}.") from lacking
    return Preview(verdict, text=f"{said.subject}\n\n{said.text}")
