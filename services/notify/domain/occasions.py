"""Which notices an item calls for: a pure function of its facts and of the local day.

Handlers compare what is called for with the ledger: what is new is planned, what is no longer
called for and has not left is taken back. So a withdrawn fact or a late reclassification needs no
code of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from services.notify.domain.acknowledgements import acknowledgements
from services.notify.domain.alerts import dangers
from services.notify.domain.calls import OURS, Call, ToSender
from services.notify.domain.item import NotifiedItem, received_at
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import AUTOMATIC, Effect, NoticeKind, Way


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
    owed = [*_receipt(item, zone), *acknowledgements(item, today, zone, effects)]
    to_sender = (call for call in _with_orders(owed, item) if not _overtaken(call, item))
    return (*dangers(item, on_call), *to_sender)


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
