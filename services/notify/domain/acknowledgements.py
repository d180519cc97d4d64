"""Which acknowledgement an item calls for: SVR or SVA under a regime, else SIMPLE (DOMAIN §3)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from services.notify.domain.calls import Call, ToSender
from services.notify.domain.item import NotifiedItem
from shared.calendar.local_days import day_of
from shared.facts.vocabulary import Effect, NoticeKind, Way

WITH_EFFECT = frozenset({NoticeKind.SVR, NoticeKind.SVA})
"""Those that say what silence means: one leaves by itself, the next one is a person's
rectification (DOMAIN §3)."""
LETTER_ACKNOWLEDGED_AFTER = timedelta(days=10)
"""Calendar days after which a letter that nothing has answered gets a printed SIMPLE: four days
are left until the 14 that Services Publics+ promises (DOMAIN §2)."""


def acknowledgements(
    item: NotifiedItem, today: date, zone: ZoneInfo, effects: Mapping[str, Effect]
) -> Iterable[Call]:
    """Yields the acknowledgements that an item calls for: SVR, SVA or SIMPLE.

    SVR and SVA on a person's word about the regime; SIMPLE once service and category are certain.

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
        due = day_of(item.receipt, zone) + LETTER_ACKNOWLEDGED_AFTER
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


def wakes_on(item: NotifiedItem, zone: ZoneInfo) -> date | None:
    """Returns the local day on which time alone will call for a notice of the item, or `None`."""
    awaits = not (item.gone or item.ended or item.left or item.registered.imported)
    if item.registered.channel.electronic or not awaits:
        return None
    return day_of(item.receipt, zone) + LETTER_ACKNOWLEDGED_AFTER
