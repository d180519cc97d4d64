"""To whom an item is answered, and whether a mail can reach them.

Nothing is said to leave that can't: an order by mail and a release are refused where no usable
address is known, with what would help.
"""

from uuid import UUID

from services.desk.domain.decisions import Command
from services.desk.domain.decisions.replies import HoldOn, SendReply, TransferItem
from services.desk.domain.decisions.waits import AskPieces
from services.desk.domain.item import Item
from shared.content import plis
from shared.content.addresses import UnusableAddress, one_address
from shared.content.plis import Correspondent, Pli, Store
from shared.errors import Refused, VaguemestreError
from shared.facts.envelope import BlobKey
from shared.facts.vocabulary import Way


async def addressee(blobs: Store, item: Item) -> Correspondent | None:
    """Reads the name and addresses to which an item is answered; `None`: unreadable for now."""
    try:
        pli = await pli_to_answer(blobs, item)
    except VaguemestreError:
        return None
    return Correspondent() if pli is None else pli.addressee


async def pli_to_answer(blobs: Store, item: Item) -> Pli | None:
    """Reads the pli of an item, with the recipient that a person noted instead of its own.

    `None`: the item has no pli. Raises VaguemestreError when it can't be read now.
    """
    noted = None if item.sender is None else await plis.read(blobs, item.sender)
    pli = None if item.pli is None else await plis.read(blobs, item.pli)
    return plis.pli_to_answer(pli, noted)


async def write(blobs: Store, year: int, owner: UUID, who: Correspondent) -> BlobKey:
    """Stores a sender's name and addresses, noted by a person, as a pli; returns its key."""
    return await plis.write(blobs, year, owner, Pli(kind="keyed", sender=who, answer_to=who))


def usable(address: str) -> bool:
    """Returns whether a text is one valid email address."""
    try:
        one_address(address)
    except UnusableAddress:
        return False
    return True


def leaves_by_mail(command: Command) -> bool:
    """Returns whether executing this command sends an email to the item's sender."""
    match command:
        case (
            AskPieces(way=way, sent=done)
            | HoldOn(way=way, sent=done)
            | TransferItem(way=way, told=done)
        ):
            return way is Way.MAIL and not done
        case SendReply(way=way):
            return way is Way.MAIL
        case _:
            return False


async def reachable(blobs: Store, item: Item) -> None:
    """Raises Refused if no usable email address of an item's sender is known.

    To be asked before an email is ordered. Nothing is raised while the addresses can't be read.
    """
    found = await addressee(blobs, item)
    if found is None:
        return  # notify, which reads it too, holds what it can't read
    if not found.address.strip():
        raise Refused(
            f"No e-mail address is known for {item.chrono}: print it (--way paper), or give one"
            " (`vaguemestre desk sender`).",
            "no-mail-address",
            chrono=item.chrono,
        )
    if not usable(found.address):
        raise Refused(
            f"The e-mail address of {item.chrono} is unusable: print it (--way paper), or give"
            " another (`vaguemestre desk sender`).",
            "unusable-mail-address",
            chrono=item.chrono,
        )
