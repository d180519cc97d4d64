"""What an open event adds to what we say: a line to receipts of mail about it, one to digests.

A line was approved by two persons, and so was the rule that says which mail is about the event. An
exercise adds nothing to what the public hears.
"""

from collections.abc import Sequence
from datetime import datetime

from services.notify.domain.item import NotifiedItem, received_at
from shared.calendar.local_days import plain_day, plain_hour
from shared.content.event_rule import EventRule
from shared.content.plis import Pli
from shared.platform.database import Connection
from shared.site import events
from shared.site.events import StandingEvent
from shared.site.tables.bundle import AppliedSite


def line_of_receipt(
    item: NotifiedItem, pli: Pli | None, applied: AppliedSite, found: Sequence[StandingEvent]
) -> str:
    """Returns the approved line that a receipt adds for mail about an open crisis event, or "".

    `found`: the events that are open.
    """
    if pli is None:
        return ""
    received = received_at(item.receipt, applied.site.zone)
    for event in found:
        if event.exercise or event.line is None or event.since is None:
            continue
        rule = EventRule(event.words, event.sources, event.since)
        if rule.hit(received, item.registered.source, pli.subject, pli.text) is not None:
            return event.line
    return ""


async def line_of_digest(connection: Connection, applied: AppliedSite, now: datetime) -> str:
    """Returns the line of a digest that names the open crisis events and their ends, or ""."""
    found = await events.open_at(connection, now)
    return _line(found, applied) if found else ""


def _line(found: Sequence[StandingEvent], applied: AppliedSite) -> str:
    said = []
    for event in found:
        end = event.ends_at.astimezone(applied.site.zone)
        kind = "exercice" if event.exercise else "événement"
        said.append(f"{kind} {event.code}, jusqu’au {plain_day(end.date())} à {plain_hour(end)}")
    open_, desk = " ; ".join(said), applied.site.identity.desk_url.rstrip("/")
    return f"En cours : {open_}. Aucun délai ne change : {desk}/evenement"
