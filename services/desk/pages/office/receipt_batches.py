"""`/bureau/dates/lot`: the day of receipt of a scanned batch, asked once for all of its letters.

Each letter gets a fact of its own, and can be corrected alone afterwards. What came to the batch
after the page was shown waits for its own answer, and so does what may not be dated so. What a
colleague dated meanwhile keeps that date.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from starlette.responses import Response

from services.desk.domain.decisions.corrections import CorrectReceipt
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.refusals import french
from services.desk.pages.visit import Visit
from services.desk.service import STAMP, RegisterService
from services.desk.store import items, readable_items
from services.desk.store.items import StoredItemRow
from services.desk.store.receipt_batches import ReceiptBatch, count_undated, undated_batches
from shared.errors import Refused
from shared.facts.vocabulary import Waiting
from shared.web.forms import Mistyped

DAYS: Final = "/bureau/dates"
LOT: Final = f"{DAYS}/lot"


async def lines(visit: Visit) -> Sequence[Mapping[str, Any]]:
    """Returns the batches of scans whose day of receipt nobody has said, as lines of a page."""
    return [_line(visit, found) for found in await undated_batches(visit.connection)]


def _line(visit: Visit, found: ReceiptBatch) -> Mapping[str, Any]:
    zone = visit.applied.site.zone
    days = {letter.received_at.astimezone(zone).date() for letter in found.letters}
    sort = sum(letter.to_qualify for letter in found.letters)
    return {
        "batch": found.batch,
        "where": labels_fr.source(found.source),
        "seen": " et ".join(labels_fr.short_day(day) for day in sorted(days)[:2]),
        "day": min(days).isoformat(),
        "numbers": [letter.chrono for letter in found.letters],
        "to_qualify": sort,
    }


async def confirm(visit: Visit) -> Response:
    """Handles the form that gives the letters of a batch their day; their deadlines follow."""
    form = await visit.form()
    form.require("day", "Donnez le jour du tampon « reçu le » de ce lot.")
    day = form.day("day") or visit.today
    if day > visit.today:
        raise Mistyped("day", "Ce jour est encore à venir.")
    shown = set(form.texts("courrier"))
    waiting = await undated_batches(visit.connection, form.text("lot").replace("\0", "") or "-")
    ids = [
        letter.item_id for batch in waiting for letter in batch.letters if letter.chrono in shown
    ]
    await items.lock_rows(visit.connection, sorted(ids))
    kept = await readable_items.peek(visit.connection, ids)
    by, done, left = visit.decider(form.decision), 0, list[str]()
    for letter in kept.values():
        if Waiting.RECEIPT_TO_CONFIRM not in letter.item.waits:
            continue  # somebody dated it since it was found, before its row was ours
        why = await _dated(visit, by, letter, day)
        done += not why
        left += [f"{letter.item.chrono}\N{NO-BREAK SPACE}: {why}"] if why else []
    many = "s" if done > 1 else ""
    said = f"{done} courrier{many}\N{NO-BREAK SPACE}: reçu{many} le {labels_fr.short_day(day)}."
    if still := await count_undated(visit.connection, shown):
        said += f" {still} reste{'nt' if still > 1 else ''} à dater."
    if (others := len(shown) - done - still) > 0:
        said += f" {others} {'avaient' if others > 1 else 'avait'} déjà une date."
    return await visit.to(DAYS, said=" ".join([said, *left[:3]]), refused=not done)


async def _dated(visit: Visit, by: RegisterService, letter: StoredItemRow, day: date) -> str:
    """Dates a letter, or says why not: the others are dated all the same."""
    if not visit.may_decide(letter.item):
        return "suivi par un autre service."
    try:
        async with visit.connection.transaction():
            await by.about(letter.item.item_id, CorrectReceipt(day, STAMP))
    except Refused as refused:
        return french(refused, Names(visit.applied.site, visit.directory))
    return ""
