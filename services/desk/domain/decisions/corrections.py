"""Decisions that set right what was registered: the subject, the sender, the day of receipt."""

from dataclasses import dataclass
from datetime import date

from services.desk.domain.days import LONG_AGO, local_day
from services.desk.domain.decisions.context import DecisionContext, still_there
from services.desk.domain.decisions.second import past_limit
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.envelope import BlobKey, On
from shared.facts.items import Items
from shared.facts.items.corrections import ReceiptCorrected
from shared.facts.items.registration import SenderNoted, SubjectNoted
from shared.facts.items.routing import WaitEnded
from shared.facts.vocabulary import Waiting

OLDEST_YEARS = 10
"""A receipt further back is taken for a slip of the pen."""


@dataclass(frozen=True, slots=True)
class NoteSubject:
    """The command to set an item's subject, whose text is stored in the pli with this key."""

    pli: BlobKey


@dataclass(frozen=True, slots=True)
class NoteSender:
    """The command to set an item's sender; name and addresses are in the pli with this key."""

    pli: BlobKey


@dataclass(frozen=True, slots=True)
class CorrectReceipt:
    """The command to confirm or correct the local day on which an item was received."""

    day: date
    reason: str


def note_subject(item: Item, command: NoteSubject, ground: DecisionContext) -> list[Items]:
    """Decides to set an item's subject: returns `SubjectNoted`. Raises Refused."""
    still_there(item)
    return [SubjectNoted(**ground.stamp(item)(1), pli=command.pli)]


def note_sender(item: Item, command: NoteSender, ground: DecisionContext) -> list[Items]:
    """Decides to set an item's sender and addresses: returns `SenderNoted`. Raises Refused."""
    still_there(item)
    return [SenderNoted(**ground.stamp(item)(1), pli=command.pli)]


def correct_receipt(item: Item, command: CorrectReceipt, ground: DecisionContext) -> list[Items]:
    """Decides to correct an item's local day of receipt: returns `ReceiptCorrected`.

    The task to confirm a doubtful day ends with it. Raises Refused for an impossible day, for the
    day that it has already, and for one before go-live that would take the item out of the figures
    where it is late or came in electronically, or the day lies far back.
    """
    still_there(item)
    zone = ground.applied.site.zone
    registered = item.opened.recorded_at.astimezone(zone).date()
    if command.day > registered:
        raise Refused(
            f"{item.chrono} was registered on {registered}: it was not received later.",
            "received-after",
            day=registered,
        )
    if command.day.year < registered.year - OLDEST_YEARS:
        raise Refused(
            f"{command.day} is more than {OLDEST_YEARS} years back: check the year.",
            "too-long-ago",
            day=command.day,
        )
    waits = Waiting.RECEIPT_TO_CONFIRM in item.waits
    if not waits and command.day == local_day(item.receipt, zone):
        raise Refused(
            f"{item.chrono} was received on {command.day} already: nothing changes.",
            "received-already",
            chrono=item.chrono,
            day=command.day,
        )
    history = ground.applied.history
    leaves = history(On(day=command.day)) and not history(item.receipt) and not item.opened.imported
    leaves = leaves and item.classification.perimeter
    unlikely = item.channel.electronic or registered - command.day > LONG_AGO
    if leaves and unlikely:
        raise Refused(
            f"{item.chrono} would be timed no more, received on {command.day}, before the go-live:"
            " check the year. If it is so, it is put out of the perimeter first: by Reclassify"
            " before its limit, by two persons after it.",
            "long-before-go-live",
            chrono=item.chrono,
            day=command.day,
        )
    if leaves and past_limit(ground):
        raise Refused(
            f"The limit of {item.chrono} has passed, and what was received before the go-live is"
            " not timed: before that day is corrected the quality officer puts it out of the"
            " perimeter with a second person, on the page of its proof.",
            "late-into-history",
            chrono=item.chrono,
            day=command.day,
        )
    stamp = ground.stamp(item)
    corrected = ReceiptCorrected(**stamp(1), receipt=On(day=command.day), reason=command.reason)
    if not waits:
        return [corrected]
    return [corrected, WaitEnded(**stamp(2), waiting=Waiting.RECEIPT_TO_CONFIRM)]
