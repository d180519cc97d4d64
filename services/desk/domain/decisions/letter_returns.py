"""Decisions about a letter of ours that the post brings back (ADR 0021).

Nothing here starts, stops or reopens a clock: what was promised was kept by sending.
"""

from dataclasses import dataclass
from datetime import date, datetime

from services.desk.domain.decisions.context import DecisionContext, still_there
from services.desk.domain.item import Item
from services.desk.domain.paper_letters import PaperLetter
from shared.errors import Refused
from shared.facts.envelope import Chrono, EventId, NoticeId
from shared.facts.items import Items
from shared.facts.items.replies import LetterReturned, ReturnSettled
from shared.facts.vocabulary import NoticeKind, ReturnReason, Settled, Way


@dataclass(frozen=True, slots=True)
class ReturnedDeparture:
    """The outgoing letter that the post returned: its chrono, and when it was recorded."""

    chrono: Chrono
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The command to record that the post returned one of our letters, on a local day.

    Without a named letter it is the last one that was sent on paper.
    """

    reason: ReturnReason
    day: date | None = None
    """`None`: today."""
    kind: NoticeKind | None = None
    departure: ReturnedDeparture | None = None
    letter: int | None = None
    """The `seq` of the fact that says that it left."""


@dataclass(frozen=True, slots=True)
class SettleReturn:
    """The command to record how a returned letter was dealt with.

    `seq` is the number of the return among the item's facts; `None`: the oldest open one.
    """

    outcome: Settled
    reason: str | None = None
    """A code: why nothing more is done."""
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class SettleCopy:
    """The command to record what was done of a copy by email that was not delivered.

    `way`: by which it was sent again; `None`: that is known, and nothing more is done.
    """

    notice_id: NoticeId
    way: Way | None = None


def take_back(item: Item, command: TakeBack, ground: DecisionContext) -> list[Items]:
    """Decides to record a letter returned by the post: returns `LetterReturned`.

    Raises Refused when no such letter was sent, or for a day to come or before it left.
    """
    still_there(item)
    day = command.day or ground.today
    at = ground.moment_of(day)
    letter = _named(item, command)
    left = letter.left_at.astimezone(ground.applied.site.zone).date()
    if day < left:
        raise Refused(
            f"That letter left on {left}: it did not come back before.",
            "returned-before-it-left",
            day=left,
        )
    departure = letter.departure or (command.departure and command.departure.chrono)
    return [
        LetterReturned(
            **ground.stamp(item)(1, at),
            letter=letter.event_id,
            kind=letter.kind,
            departure=departure,
            reason=command.reason,
        )
    ]


def _named(item: Item, command: TakeBack) -> PaperLetter:
    found = [letter for letter in item.letters if _meant(letter, command)]
    if not found:
        raise Refused(
            f"No such letter of {item.chrono} left on paper: key its departure first.",
            "no-letter-left",
            chrono=item.chrono,
        )
    out = [letter for letter in found if not letter.back]
    if not out:
        raise Refused(
            f"That letter of {item.chrono} came back already: say what was done of it.",
            "returned-already",
            chrono=item.chrono,
        )
    return max(out, key=lambda letter: letter.seq)


def _meant(letter: PaperLetter, command: TakeBack) -> bool:
    named = command.departure
    if command.letter is not None:
        return letter.seq == command.letter
    if named is not None and letter.departure is not None:
        return letter.departure == named.chrono
    if named is not None and letter.recorded_at != named.recorded_at:
        return False
    return command.kind is None or letter.kind is command.kind


def settle(item: Item, command: SettleReturn, ground: DecisionContext) -> list[Items]:
    """Decides to record how a returned letter was dealt with: returns `ReturnSettled`.

    Raises Refused when no returned letter is open, when a reason is missing for doing nothing more,
    or when the address was corrected already.
    """
    still_there(item)
    open_ = [returned for returned in item.returned if command.seq in {None, returned.seq}]
    if not open_:
        raise Refused(
            f"No letter of {item.chrono} that came back waits for a word.",
            "nothing-came-back",
            chrono=item.chrono,
        )
    if command.outcome is Settled.NOTHING_MORE and command.reason is None:
        raise Refused("Say why nothing more is done: --why CODE.", "why-nothing-more")
    returned = open_[0]
    if command.outcome is Settled.ADDRESS_CORRECTED and returned.event_id in item.readdressed:
        raise Refused(
            f"The address of {item.chrono} is corrected already: key the new departure.",
            "readdressed-already",
            chrono=item.chrono,
        )
    return [
        ReturnSettled(
            **ground.stamp(item)(1),
            returned=returned.event_id,
            outcome=command.outcome,
            reason=command.reason if command.outcome is Settled.NOTHING_MORE else None,
        )
    ]


def settle_copy(item: Item, command: SettleCopy, ground: DecisionContext) -> list[Items]:
    """Decides to record what was done of a copy that was not delivered: returns `ReturnSettled`.

    Whoever commands it knows that it was not. Raises Refused when somebody said so already.
    """
    still_there(item)
    if command.notice_id in item.copies_settled:
        raise Refused(
            f"Somebody has said already what was done of this copy of {item.chrono}.",
            "copy-settled",
            chrono=item.chrono,
        )
    return [
        ReturnSettled(
            **ground.stamp(item)(1),
            returned=EventId(command.notice_id),
            outcome=Settled.NOTHING_MORE if command.way is None else Settled.SENT_AGAIN,
            kind=NoticeKind.COPY,
            way=command.way,
        )
    ]
