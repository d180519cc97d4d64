"""To whom an item is answered, and whether a mail can reach them.

Nothing is said to leave that can't: an order by mail and a release are refused where no usable
address is known, with what would help.
"""

from services.desk.domain.decisions import Command
from services.desk.domain.decisions.answering import HoldOn, Reply, Transfer
from services.desk.domain.decisions.waiting_for import AskPieces
from services.desk.domain.item import Item
from shared import plis
from shared.addresses import UnusableAddress, one_address
from shared.errors import Refused, VaguemestreError
from shared.facts.words import Way
from shared.plis import Correspondent, Store


async def addressee(blobs: Store, item: Item) -> Correspondent | None:
    """Name and addresses, as far as they are known; `None`: what says them can't be read now."""
    if item.pli is None:
        return Correspondent()
    try:
        return (await plis.read(blobs, item.pli)).addressee
    except VaguemestreError:
        return None


async def mailable(blobs: Store, item: Item) -> bool:
    """Whether a mail can reach whoever wrote, as far as the register knows."""
    try:
        await reachable(blobs, item)
    except Refused:
        return False
    return True


def leaves_by_mail(command: Command) -> bool:
    """Whether a decision lets a mail leave to the sender."""
    match command:
        case (
            AskPieces(way=way, sent=done)
            | HoldOn(way=way, sent=done)
            | Transfer(way=way, told=done)
        ):
            return way is Way.MAIL and not done
        case Reply(way=way):
            return way is Way.MAIL
        case _:
            return False


async def reachable(blobs: Store, item: Item) -> None:
    """Refuses a mail to whom none can reach. Raises Refused."""
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
    try:
        one_address(found.address)
    except UnusableAddress as error:
        raise Refused(
            f"The e-mail address of {item.chrono} is unusable: print it (--way paper), or give"
            " another (`vaguemestre desk sender`).",
            "unusable-mail-address",
            chrono=item.chrono,
        ) from error
