"""What left the house, and the fact that it makes of its item.

A notice or a scanned departure has a kind; a holding reply and a request for pieces also have a
date, which the order that they carry out gives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, assert_never

from services.desk.domain.item import Item
from services.desk.domain.stamp import Stamp
from shared.facts.envelope import BlobKey, Chrono, Digest, EventId, NoticeId, Weight
from shared.facts.items import Items
from shared.facts.items.acknowledgements import (
    AcknowledgementSent,
    HoldingReplySent,
    PersonTold,
    ReceiptSent,
)
from shared.facts.items.closure import ItemTransferred
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.items.pieces import AwaitingThird, PiecesRequested
from shared.facts.items.replies import ReplySent
from shared.facts.standing import standing
from shared.facts.vocabulary import NoticeKind, Proof, Way


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A letter, email or notice that was sent to an item's sender, with its moment and proof."""

    kind: NoticeKind
    at: datetime
    way: Way
    proof: Proof
    until: date | None = None
    notice_id: NoticeId | None = None
    departure: Chrono | None = None
    document: BlobKey | None = None
    observation: EventId | None = None
    """The `ReplyObserved` that this turned out to be."""
    template: str | None = None
    """The standard letter from which it was composed, `letter@version`."""
    answer: str | None = None
    """Of the mail server that took it."""
    addressee: str | None = None
    """Code of the third party to whom it went."""
    message: Digest | None = None
    """Of the mail's Message-ID."""


def until_of(
    kind: NoticeKind, orders: Sequence[NoticeOrdered], ordered: EventId | None = None
) -> date | None:
    """Returns the date announced by an order (holding reply, pieces) carried out, or `None`.

    The order is the one named by `ordered`, else the last of that kind.
    """
    named = [order for order in orders if order.event_id == ordered]
    alike = [order for order in orders if order.kind is kind]
    return next((order.until for order in reversed(named or alike)), None)


def template_of(orders: Sequence[NoticeOrdered], ordered: EventId | None) -> str | None:
    """Returns the standard letter (`letter@version`) that this order names, or `None`.

    `ordered`: the event id of the order, among `orders`.
    """
    return next((order.template for order in orders if order.event_id == ordered), None)


def addressee_of(orders: Sequence[NoticeOrdered], ordered: EventId | None) -> str | None:
    """Returns the code of the office to which this order writes, or `None`.

    `ordered`: the event id of the order, among `orders`.
    """
    return next((order.addressee for order in orders if order.event_id == ordered), None)


def passed_on(
    kind: NoticeKind, addressee: str | None, item: Item, stamp: Stamp, at: datetime
) -> list[Items]:
    """Returns the fact, in a list, that an item was transmitted, if a letter sent says so.

    Empty if that was recorded already.
    """
    if kind is not NoticeKind.TRANSFER or addressee is None or item.transfer is not None:
        return []
    return [ItemTransferred(**stamp(1, min(at, stamp.now)), to=addressee)]


def returned_statements(
    notice_id: NoticeId, ordered: EventId | None, facts: Sequence[Items]
) -> Sequence[Items]:
    """Returns the statements of an item to withdraw because a notice could not be delivered.

    They are those about the notice, and the one that ordered it.
    """
    return [
        fact
        for fact in standing(facts)
        if fact.weight is Weight.STATEMENT
        and (fact.event_id == ordered or getattr(fact, "notice_id", None) == notice_id)
    ]


def fact_of(left: Dispatch, stamp: Stamp, n: int = 1) -> Items | None:
    """Returns the fact that records a letter or notice that was sent, or `None`.

    `None` where it changes nothing, or its date is missing.
    """
    envelope = stamp(n, min(left.at, stamp.now))
    match left.kind:
        case NoticeKind.RECEIPT:
            return ReceiptSent(
                **envelope, notice_id=left.notice_id, way=left.way, answer=left.answer
            )
        case NoticeKind.SIMPLE | NoticeKind.SVR | NoticeKind.SVA:
            return AcknowledgementSent(
                **envelope,
                kind=left.kind,
                notice_id=left.notice_id,
                way=left.way,
                observation=left.observation,
                answer=left.answer,
            )
        case NoticeKind.HOLDING_REPLY | NoticeKind.PIECES | NoticeKind.THIRD:
            return None if left.until is None else _dated(left, left.until, envelope)
        case NoticeKind.TRANSFER:
            return PersonTold(
                **envelope, notice_id=left.notice_id, way=left.way, answer=left.answer
            )
        case NoticeKind.REPLY:
            return ReplySent(
                **envelope,
                proof=left.proof,
                observation=left.observation,
                departure=left.departure,
                notice_id=left.notice_id,
                template=left.template,
                document=left.document,
                answer=left.answer,
            )
        case (
            NoticeKind.POINTER
            | NoticeKind.DIGEST
            | NoticeKind.WEEKLY
            | NoticeKind.RECTIFICATION
            | NoticeKind.ALERT
            | NoticeKind.COPY
            | NoticeKind.PERSON_CHANGED
            | NoticeKind.EXERCISE
            | NoticeKind.SURVEY
            | NoticeKind.MEETING
            | NoticeKind.ROOTS
        ):
            return None
        case _:
            assert_never(left.kind)


def _dated(left: Dispatch, until: date, envelope: Mapping[str, Any]) -> Items | None:
    """Of a letter that announces a date; `None`: to a third party whom nobody named."""
    sent = {**envelope, "notice_id": left.notice_id, "answer": left.answer}
    if left.kind is NoticeKind.THIRD:
        if left.addressee is None:
            return None
        return AwaitingThird(**sent, who=left.addressee, expected=until, message=left.message)
    fact = HoldingReplySent if left.kind is NoticeKind.HOLDING_REPLY else PiecesRequested
    return fact(**sent, until=until, observation=left.observation)
