"""What a person does with a transfer to the archive, from its proposal to the archive's reply.

Nothing here destroys: a bordereau d'élimination does, afterwards.
"""

from datetime import date
from typing import Final

from services.desk.archive.domain.manifest import TransferHeading
from services.desk.archive.domain.transfer_reply import TransferReply
from services.desk.archive.store import deposits, transfers
from services.desk.archive.store.deposits import DepositState
from services.desk.archive.store.transfers import ArchiveTransfer
from services.desk.decider import Decider
from services.desk.domain.decisions.second import signed_in
from services.desk.retention.destruction_list import table
from services.desk.retention.store import destruction
from shared.errors import Refused
from shared.site.tables.bundle import Site

MOST_LINES: Final = 500
"""Of one transfer: a package that a browser can take. What remains is for the next one."""


async def propose(by: Decider) -> ArchiveTransfer:
    """Draws up a transfer to the archive of at most 500 items that have still to go there.

    They are the first by chrono, none of them on a transfer that is still open. Raises Refused
    when there is none.
    """
    signed_in(by.origin)
    site, connection = by.applied.site, by.connection
    today = by.now.astimezone(site.zone).date()
    due = await destruction.all_due(connection, site, today, MOST_LINES, unarchived=True)
    if not due:
        raise Refused("Nothing has to be transferred.", "nothing-to-transfer")
    number = await transfers.next_number(connection, site.identity.department, today.year)
    await transfers.propose(connection, number, due, table(number, due, site), by.person.id, by.now)
    return await transfers.lock(connection, number)


async def approve(by: Decider, transfer: str, visa: str, archivist: str, day: date) -> None:
    """Records the archivist's visa for a transfer to the archive. Raises Refused."""
    signed_in(by.origin)
    found = await _open(by, transfer)
    if found.visa is not None:
        raise Refused(f"{transfer} has its visa already: {found.visa}.", "visa-already")
    await transfers.approve(by.connection, transfer, visa, archivist, day, by.person.id)


async def deposit(by: Decider, transfer: str) -> None:
    """Has the package of a transfer deposited at the archive's own server, by a job.

    Raises Refused: no visa, the transfer is answered or dropped, the site names no server, or its
    package is on its way already.
    """
    signed_in(by.origin)
    archive = heading(await transfers.lock(by.connection, transfer), by.applied.site).archive
    if archive.deposit is None:
        raise Refused("The site names no server of the archive.", "no-deposit")
    await deposits.ask(by.connection, transfer, by.person.id, by.now)


async def note_reply(by: Decider, transfer: str, octets: bytes, reply: TransferReply) -> None:
    """Records the archive's reply to a transfer: what it says, and its octets as they came.

    A refusal may be followed by an acceptance, never the other way round. Raises Refused: it is a
    reply to another transfer, or the transfer was accepted, dropped or never packed.
    """
    signed_in(by.origin)
    found = await transfers.lock(by.connection, transfer)
    if not await transfers.is_about(by.connection, transfer, reply):
        raise Refused("This reply is about another transfer.", "reply-elsewhere")
    _not_settled(found)
    if found.packed_at is None:
        raise Refused(f"No package of {transfer} was taken.", "no-package")
    await transfers.note_reply(by.connection, transfer, octets, reply, by.person.id, by.now)


async def drop(by: Decider, transfer: str) -> None:
    """Gives up a transfer to the archive: its items may be proposed again.

    Raises Refused, also while nobody knows whether the archive's server has its package.
    """
    signed_in(by.origin)
    await _open(by, transfer)
    deposit = await deposits.find(by.connection, transfer)
    if deposit is not None and deposit.state is DepositState.IN_DOUBT:
        raise Refused(f"{transfer} may be at the archive already.", "deposit-in-doubt")
    await transfers.drop(by.connection, transfer, by.person.id, by.now)


def heading(found: ArchiveTransfer, site: Site) -> TransferHeading:
    """Returns the heading of a transfer's SEDA manifest, to make its package.

    Its moment is that of the proposal: the package is the same whenever it is taken, as long as its
    items are. Raises Refused without a visa, once it is answered or dropped, or where the site
    names no archive any more.
    """
    if found.visa is None:
        raise Refused(f"{found.transfer} has no visa.", "transfer-no-visa")
    if not found.open:
        raise Refused(f"{found.transfer} is answered, or dropped.", "transfer-over")
    archive = site.identity.archive
    if archive is None:
        raise Refused("The site names no archive.", "no-archive")
    at = found.proposed_at.astimezone(site.zone)
    return TransferHeading(found.transfer, at, site.identity.authority, archive)


def _not_settled(found: ArchiveTransfer) -> None:
    if found.accepted_at is not None:
        raise Refused(f"{found.transfer} was accepted already.", "transfer-over")
    if found.dropped_at is not None:
        raise Refused(f"{found.transfer} was dropped.", "transfer-over")


async def _open(by: Decider, transfer: str) -> ArchiveTransfer:
    found = await transfers.lock(by.connection, transfer)
    if not found.open:
        raise Refused(f"{transfer} is answered, or dropped.", "transfer-over")
    return found
