"""From when on a notice may leave, and before whom: pure, from what calls for it."""

from datetime import datetime
from enum import IntEnum

from services.notify.domain.calls import OURS, Call
from services.notify.domain.hours import hours_of, next_open, next_opening
from services.notify.domain.item import NotifiedItem
from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import ACKNOWLEDGEMENTS, NoticeKind, Way
from shared.site.tables.bundle import AppliedSite


class Urgency(IntEnum):
    """The urgency of a notice, by which the ledger is served first; then by due time."""

    AT_ONCE = 0
    """Words of danger, to the on-call person."""
    OPENING = 1
    """What somebody must know within the opening hour."""
    ORDINARY = 2
    """The pages of ours, and what a person ordered or wrote."""
    AUTOMATIC = 3
    """What a machine says to a sender: there may be thousands of them."""


def urgency(call: Call) -> Urgency:
    """Returns the urgency of a notice about an item."""
    if call.kind is NoticeKind.ALERT:
        return Urgency.OPENING if call.awaited else Urgency.AT_ONCE
    ordinary = call.kind in OURS or call.order is not None
    return Urgency.ORDINARY if ordinary else Urgency.AUTOMATIC


def due(call: Call, item: NotifiedItem, applied: AppliedSite, moment: datetime) -> datetime:
    """Returns the moment at which a notice called for at `moment` may leave. Raises BeyondCalendar.

    That is at once; for an alert that wakes nobody, at the opening; for an acknowledgement, the day
    after. So a citizen has one automatic mail a day, and the receipt is never the second one.
    """
    hours, zone = hours_of(applied.site, ServiceId(item.service)), applied.site.zone
    if call.awaited:
        return next_open(moment, hours, applied.days, zone)
    registered = item.registered.recorded_at.astimezone(zone).date()
    acknowledges = call.kind in ACKNOWLEDGEMENTS and call.way is Way.MAIL and call.order is None
    if acknowledges and registered == moment.astimezone(zone).date():
        return next_opening(moment, hours, applied.days, zone)
    return moment
