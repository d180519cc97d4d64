"""Which notices an item calls for: a pure function of its facts and of the local day.

Handlers compare what is called for with the ledger: what is new is planned, what is no longer
called for and has not left is taken back. So a withdrawn fact or a late reclassification needs no
code of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from services.notify.domain.item import NotifiedItem, received_at, received_on
from shared.facts import ids
from shared.facts.envelope import BlobKey, EventId, NoticeId, PersonId
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.vocabulary import AUTOMATIC, Effect, NoticeKind, Way

WITH_EFFECT = frozenset({NoticeKind.SVR, NoticeKind.SVA})
"""Those that say what silence means: one leaves by itself, the next one is a person's
rectification (DOMAIN §3)."""
OURS = frozenset(
    {
        NoticeKind.DIGEST,
        NoticeKind.WEEKLY,
        NoticeKind.ALERT,
        NoticeKind.PERSON_CHANGED,
        NoticeKind.ROOTS,
    }
)
"""What is written to somebody of ours, or keeps our evidence."""
LETTER_ACKNOWLEDGED_AFTER = timedelta(days=10)
"""Calendar days after which a letter that nothing has answered gets a printed SIMPLE: four days
are left until the 14 that Services Publics+ promises (DOMAIN §2)."""


@dataclass(frozen=True, slots=True)
class ToSender:
    """The recipient of a notice to the item's sender; the address stands in the pli."""

    @property
    def name(self) -> str:
        """The recipient's part of the notice's idempotency key, the same for every sender."""
        return "sender"


@dataclass(frozen=True, slots=True)
class ToColleague:
    """The recipient of a notice to one of our own people."""

    person: PersonId

    @property
    def name(self) -> str:
        """The recipient's part of the notice's idempotency key."""
        return f"person:{self.person}"


Recipient = ToSender | ToColleague


@dataclass(frozen=True, slots=True)
class Call:
    """A notice that an item calls for; (occasion, kind, recipient) is its idempotency key."""

    occasion: str
    kind: NoticeKind
    recipient: Recipient
    way: Way
    since: datetime
    """From when on it is owed; it is stale so long after it was first due (`due`)."""
    seq: int = 0
    """Of the fact that calls for it."""
    order: NoticeOrdered | None = None
    """The person's order that it carries out."""
    awaited: bool = False
    """An alert to read within the opening hour, not one to wake somebody for."""

    def notice(self, site: str) -> NoticeId:
        """Returns the id of the notice, the same each time it is computed."""
        return ids.notice_id(site, self.occasion, self.kind, self.recipient.name)

    @property
    def ordered(self) -> EventId | None:
        """The event id of the order by which a person asked for the notice, or `None`."""
        return self.order.event_id if self.order else None

    @property
    def text(self) -> BlobKey | None:
        """The key of the pli with the text that a person wrote, or `None`."""
        return self.order.pli if self.order else None


def called_for(
    item: NotifiedItem,
    *,
    today: date,
    zone: ZoneInfo,
    effects: Mapping[str, Effect],
    on_call: PersonId,
) -> tuple[Call, ...]:
    """Lists every notice that an item calls for on the local day `today`, sent or not.

    `effects` maps a regime's code to what silence means under it.
    """
    if item.gone:
        return ()
    owed = [*_receipt(item, zone), *_acknowledgement(item, today, zone, effects)]
    to_sender = (call for call in _with_orders(owed, item) if not _overtaken(call, item))
    return (*_alerts(item, on_call), *to_sender)


def wakes_on(item: NotifiedItem, zone: ZoneInfo) -> date | None:
    """Returns the local day on which time alone will call for a notice of the item, or `None`."""
    awaits = not (item.gone or item.ended or item.left or item.registered.imported)
    if item.registered.channel.electronic or not awaits:
        return None
    return received_on(item.receipt, zone) + LETTER_ACKNOWLEDGED_AFTER


def is_moot(kind: NoticeKind, item: NotifiedItem) -> bool:
    """Whether an automatic notice of this kind is useless, because the reply has left."""
    return kind in AUTOMATIC and item.replied is not None


def _overtaken(call: Call, item: NotifiedItem) -> bool:
    """Whether it was called for, or ordered, before the reply left."""
    asked = call.seq if call.order is None else call.order.seq
    return is_moot(call.kind, item) and item.replied is not None and asked < item.replied.seq


def _receipt(item: NotifiedItem, zone: ZoneInfo) -> Iterable[Call]:
    """At once, to whoever wrote electronically (CRPA R112-11-1)."""
    fact = item.registered
    if fact.channel.electronic and not fact.imported and not item.merged:
        yield Call(
            occasion=str(fact.event_id),
            kind=NoticeKind.RECEIPT,
            recipient=ToSender(),
            way=Way.MAIL,
            since=min(received_at(item.receipt, zone), fact.recorded_at),
            seq=fact.seq,
        )


def _acknowledgement(
    item: NotifiedItem, today: date, zone: ZoneInfo, effects: Mapping[str, Effect]
) -> Iterable[Call]:
    """SVR, SVA on a person's word about the regime; SIMPLE when service and category stand.

    None once the item is answered or ended: the reply says more than an acknowledgement.
    """
    if item.ended or item.answered or item.registered.imported:
        return
    if item.regime is not None:
        yield from _by_regime(item, effects)
    elif item.registered.channel.electronic:
        if item.qualified_at is not None and item.classification.perimeter:
            yield _simple(item, Way.MAIL, item.qualified_at)
    else:
        due = received_on(item.receipt, zone) + LETTER_ACKNOWLEDGED_AFTER
        waits = item.left <= {NoticeKind.SIMPLE} and NoticeKind.SIMPLE not in item.posted
        if today >= due and waits and item.classification.perimeter:
            yield _simple(item, Way.PAPER, datetime(due.year, due.month, due.day, tzinfo=zone))


def _by_regime(item: NotifiedItem, effects: Mapping[str, Effect]) -> Iterable[Call]:
    """The acknowledgement that a confirmed regime asks for, once: a second one is a person's."""
    if (fact := item.regime) is None:
        return
    kind = acknowledgement_of(fact.regime, effects)
    if kind is None or kind in item.left or item.left & WITH_EFFECT:
        return
    yield Call(
        occasion=str(fact.event_id),
        kind=kind,
        recipient=ToSender(),
        way=Way.MAIL if item.registered.channel.electronic else Way.PAPER,
        since=max([fact.recorded_at, *(fact.recorded_at for fact in item.pieces.received)]),
        seq=fact.seq,
    )


def acknowledgement_of(regime: str | None, effects: Mapping[str, Effect]) -> NoticeKind | None:
    """Returns the kind of acknowledgement for a regime; `None`: the site no longer has it."""
    if regime is None:
        return NoticeKind.SIMPLE
    match effects.get(regime):
        case Effect.REJECTION:
            return NoticeKind.SVR
        case Effect.ACCEPTANCE:
            return NoticeKind.SVA
        case None:
            return None
        case other:
            assert_never(other)


def _simple(item: NotifiedItem, way: Way, since: datetime) -> Call:
    return Call(
        occasion=str(item.registered.event_id),
        kind=NoticeKind.SIMPLE,
        recipient=ToSender(),
        way=way,
        since=since,
        seq=item.registered.seq,
    )


def _alerts(item: NotifiedItem, on_call: PersonId) -> Iterable[Call]:
    """Words of danger: the on-call person, at once, for each message that holds some."""
    for event, told in item.dangers:
        yield Call(
            occasion=str(event),
            kind=NoticeKind.ALERT,
            recipient=ToColleague(on_call),
            way=Way.MAIL,
            since=told,
        )


def _with_orders(owed: Iterable[Call], item: NotifiedItem) -> Iterable[Call]:
    """A person's order of what is owed anyway is a word on that notice, never a second notice."""
    orders = [order for order in item.orders if order.kind not in OURS]
    for call in owed:
        mine = next(
            (order for order in orders if order.kind is call.kind and order.seq > call.seq), None
        )
        if mine is None:
            yield call
        else:
            orders.remove(mine)
            yield replace(call, order=mine)
    for order in orders:
        yield Call(
            occasion=str(order.event_id),
            kind=order.kind,
            recipient=ToSender(),
            way=order.way,
            since=order.recorded_at,
            seq=order.seq,
            order=order,
        )
