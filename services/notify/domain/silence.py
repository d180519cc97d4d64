"""What silence means for an item now, as its acknowledgement and its request for pieces say it."""

from datetime import date, datetime

from services.notify.domain.item import NotifiedItem
from shared.facts import ids
from shared.facts.vocabulary import NoticeKind
from shared.site.implied_decision import (
    Born,
    Idle,
    NotRunning,
    SilenceState,
    silence,
)
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.regimes import Regime

INCOMPLETE = "file_incomplete"
"""Pieces are awaited, and the period counts from the complete file: no date can be told."""
ASKING = "pieces_being_asked"
"""A request for pieces is about to leave: the date would be false in a minute."""
FORBIDDEN = "start_forbidden"
OVER = "period_over"
PASSING = frozenset({INCOMPLETE, ASKING})
"""Why something is held that the next fact of the item may settle by itself."""


def regime_of(item: NotifiedItem, site: Site) -> Regime | None:
    """Returns the regime of implied decision that a person confirmed, if the site still has it.

    `None` otherwise.
    """
    return site.regime.get(item.regime.regime or "") if item.regime else None


def silence_of(item: NotifiedItem, applied: AppliedSite, now: datetime) -> SilenceState | None:
    """Returns the state of an item's implied decision now; `None` without a confirmed regime."""
    regime = regime_of(item, applied.site)
    if item.regime is None or regime is None:
        return None
    return silence(regime, item.regime, item.pieces, applied.site.zone, now)


def date_of(item: NotifiedItem, applied: AppliedSite, now: datetime) -> date | None:
    """Returns the end of an item's period of silence, as an acknowledgement tells it, or `None`."""
    stands = silence_of(item, applied, now)
    return None if stands is None or isinstance(stands, NotRunning) else stands.limit


def why_undated(
    item: NotifiedItem, applied: AppliedSite, now: datetime, *, released: bool
) -> str | None:
    """Returns the reason code that forbids to tell a date in an acknowledgement now, or `None`."""
    site = applied.site.identity.id
    for order in item.asking:
        notice = ids.notice_id(site, str(order.event_id), NoticeKind.PIECES, "sender")
        if notice not in item.dropped | item.left_notices.keys():
            return ASKING
    match silence_of(item, applied, now):
        case NotRunning(why=Idle.PIECES_AWAITED):
            return INCOMPLETE
        case NotRunning(why=Idle.FORBIDDEN_START):
            return FORBIDDEN
        case Born() if not released:
            return OVER
        case _:
            return None
