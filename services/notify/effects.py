"""What an acknowledgement says of silence: the clock's own date, or nothing is written.

The date comes from shared/site/implied_decision.py, as the clock's does, at the moment of writing.
"""

from datetime import datetime
from typing import Any, assert_never

from services.notify.domain.item import NotifiedItem
from services.notify.domain.silence import FORBIDDEN, INCOMPLETE, regime_of, silence_of
from services.notify.incomplete import Incomplete
from shared.facts.vocabulary import Effect, NoticeKind
from shared.site.implied_decision import Idle, NotRunning, Suspended
from shared.site.tables.bundle import AppliedSite
from shared.site.texts.letters import Sva, Svr


def acknowledgement(
    item: NotifiedItem, applied: AppliedSite, now: datetime, common: dict[str, Any]
) -> Svr | Sva:
    """Makes the template values of an acknowledgement for an implied decision.

    Raises Incomplete.
    """
    regime, stands = regime_of(item, applied.site), silence_of(item, applied, now)
    if regime is None or stands is None:
        raise Incomplete("regime_not_confirmed")
    if isinstance(stands, NotRunning):
        raise Incomplete(FORBIDDEN if stands.why is Idle.FORBIDDEN_START else INCOMPLETE)
    dated = common | {"limit": stands.limit, "text": regime.text}
    suspended = stands if isinstance(stands, Suspended) else None
    match regime.effect:
        case Effect.REJECTION:
            return Svr(
                **dated,
                appeals=regime.appeals,
                tribunal=regime.tribunal,
                missing=_still_missing(item, applied) if suspended else (),
                suspended=suspended.since if suspended else None,
                until=suspended.until if suspended else None,
            )
        case Effect.ACCEPTANCE:
            return Sva(**dated)
        case _:
            assert_never(regime.effect)


def _still_missing(item: NotifiedItem, applied: AppliedSite) -> tuple[str, ...]:
    """The pieces that our last request named by code: what a person wrote was said there."""
    orders = [fact for fact in item.orders if fact.kind is NoticeKind.PIECES]
    labels = applied.site.labels.pieces
    return tuple(labels[code] for code in (orders[-1].pieces if orders else ()) if code in labels)
