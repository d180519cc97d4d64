"""What an archivist reads before a destruction, and the steps of it: propose, visa, carry out.

What the CSV says is what was proposed: its SHA-256 stands in the register with the visa, and each
step is a fact of the site's chain (ADR 0052).
"""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from services.desk import books
from services.desk.decider import Decider
from services.desk.domain.decisions.second import signed_in
from services.desk.domain.decisions.withdrawal import Destroy
from services.desk.domain.retention import Due
from services.desk.domain.roots import Root
from services.desk.french.printed_root import witness
from services.desk.retention.store import destruction
from services.desk.store import archive_transfers, slips
from services.desk.store.archive_transfers import AcceptedTransfer
from services.desk.store.quality import Author
from services.desk.store.slips import Slip, SlipLine
from shared.errors import Refused
from shared.facts.authors import by_person
from shared.facts.envelope import Chrono, ItemId
from shared.paper.typst_pdf import typeset
from shared.platform.database import Connection
from shared.platform.postgres.rows import UnreadableRow
from shared.site.tables.bundle import Site

_HERE = Path(__file__).parents[1] / "printing"


def table(
    slip: str,
    lines: Sequence[Due],
    site: Site,
    archived: Mapping[ItemId, AcceptedTransfer] | None = None,
) -> bytes:
    """Returns a bordereau d'élimination as CSV for the archivist, one item a line.

    It has no personal data. `archived`: the transfers by which the archive has items; where there
    are any, each line says its own, with the SHA-256 of the archive's reply.
    """
    there = {} if archived is None else archived
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(("Bordereau", slip, site.identity.authority))
    more = ("Versement", "Accusé (SHA-256)") if there else ()
    writer.writerow(("Numéro", "Catégorie", "Terminé le", "Durée (mois)", "Échéance", *more))
    for line in lines:
        row = site.category_now(line.category)
        label, months = (line.category, "") if row is None else (row.label, row.retention_months)
        said = (line.chrono, label, line.ended_on.isoformat(), months, line.due_on.isoformat())
        found = there.get(line.item_id)
        by = () if found is None else (found.transfer, found.reply)
        writer.writerow((*said, *(by or ("",) * len(more))))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def print_slip(slip: Slip, lines: Sequence[SlipLine], root: Root | None, site: Site) -> bytes:
    """Renders a bordereau d'élimination as PDF, with frames for the two signatures."""
    labels = {row.id: row for row in site.routing.categories}
    data = {
        "slip": slip.slip,
        "authority": site.identity.authority,
        "root": witness(root, site),
        "proposed": _day(slip.proposed_at.astimezone(site.zone).date()),
        "digest": slip.digest,
        "visa": slip.visa,
        "archivist": slip.archivist or "",
        "visa_on": _day(slip.visa_on) if slip.visa_on else "",
        "lines": [
            {
                "chrono": line.chrono,
                "label": labels[line.category].label if line.category in labels else line.category,
                "ended": _day(line.ended_on),
                "due": _day(line.due_on),
                "outcome": OUTCOMES.get(line.outcome or "", ""),
            }
            for line in lines
        ],
        "done": _day(slip.done_at.astimezone(site.zone).date()) if slip.done_at else "",
    }
    return typeset(_HERE / "slip.typ", {"data": data})


OUTCOMES: Final = {
    "destroyed": "détruit",
    "held": "conservé",
    "not_due": "rouvert",
    "not_archived": "conservé, à verser d’abord",
    "gone": "déjà détruit",
    "unreadable": "illisible, conservé",
}


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


async def propose(by: Decider) -> tuple[Slip, bytes]:
    """Draws up a bordereau d'élimination of at most 2,000 items due; returns it with its CSV.

    They are the first by chrono, none of them on a bordereau that is still open.

    Raises Refused when no item is due.
    """
    signed_in(by.origin)
    site, connection = by.applied.site, by.connection
    today = by.now.astimezone(site.zone).date()
    due = await destruction.all_due(connection, site, today)
    if not due:
        raise Refused("Nothing is due for destruction.", "nothing-due")
    number = await destruction.next_number(connection, site.identity.department, today.year)
    goes = [line.item_id for line in due if line.to_archive]
    archived = await archive_transfers.find_accepted(connection, goes)
    content = table(number, due, site, archived)
    await _open_books(by)
    await destruction.propose(connection, number, due, content, by.person.id, by.now)
    made = await destruction.lock_slip(connection, number)
    await _tell(by, books.slip_proposed(number, len(due), made.digest))
    return made, content


async def approve(by: Decider, slip: str, visa: str, archivist: str, day: date) -> None:
    """Records the archivist's visa for a bordereau d'élimination. Raises Refused."""
    signed_in(by.origin)
    found = await _open(by.connection, slip)
    if found.visa is not None:
        raise Refused(f"{slip} has its visa already: {found.visa}.", "visa-already")
    await _open_books(by)
    await destruction.approve(by.connection, slip, visa, archivist, day, by.person.id)
    await _tell(by, books.slip_approved(slip, visa, archivist, day))


async def carry_out(by: Decider, slip: str) -> dict[str, int]:
    """Destroys every item of an approved bordereau that is still due; counts by outcome.

    Raises Refused.
    """
    signed_in(by.origin)
    found = await _open(by.connection, slip)
    if found.visa is None:
        raise Refused(
            f"{slip} has no visa: nothing is destroyed before an archivist agreed.", "no-visa"
        )
    if found.proposed_by == by.person.id:
        raise Refused("Two persons are needed: whoever proposed can't carry it out.", "two-persons")
    outcomes: dict[Chrono, str] = {}
    command = Destroy(found.visa, slip)
    for line in sorted(await slips.lines_of(by.connection, slip), key=lambda one: one.item_id):
        try:
            outcome = await by.destroy(line.item_id, command) or slips.DESTROYED
        except UnreadableRow:  # it is kept, and may be proposed again once it can be read
            outcome = "unreadable"
        await destruction.settle(by.connection, slip, line.item_id, outcome)
        outcomes[line.chrono] = outcome
    await _open_books(by)
    await destruction.mark_done(by.connection, slip, by.person.id, by.now)
    await _tell(by, books.carried_out(slip, outcomes.items()))
    return dict(Counter(outcomes.values()))


async def drop(by: Decider, slip: str) -> None:
    """Gives up a bordereau d'élimination, so that its items may be proposed again.

    Raises Refused.
    """
    signed_in(by.origin)
    await _open(by.connection, slip)
    await _open_books(by)
    await destruction.drop(by.connection, slip, by.person.id, by.now)
    await _tell(by, books.slip_dropped(slip))


async def _open_books(by: Decider) -> None:
    await books.open_all(by.connection, by.applied.site.identity.id, by.now)


async def _tell(by: Decider, entry: books.BookEntry) -> None:
    site = by.applied.site.identity.id
    author = Author(site, by_person(by.person.id), by.now, by.origin)
    await books.tell(by.connection, author, entry)


async def _open(connection: Connection, slip: str) -> Slip:
    found = await destruction.lock_slip(connection, slip)
    if found.done_at is not None:
        raise Refused(f"{slip} was carried out already.", "slip-done")
    if found.dropped_at is not None:
        raise Refused(f"{slip} was dropped.", "slip-dropped")
    return found
