"""What an open event adds to what we say: a line to receipts of mail about it, one to digests.

A line was approved by two persons, and so was the rule that says which mail is about the event. An
exercise adds nothing to what the public hears.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.notify.domain.item import NotifiedItem, received_at
from shared.calendar.local_days import plain_day
from shared.content.event_rule import EventRule
from shared.content.plis import Pli
from shared.facts.vocabulary import Way
from shared.platform.database import Connection
from shared.site import events
from shared.site.events import StandingEvent
from shared.site.tables.bundle import AppliedSite
from shared.site.texts.letters import Correspondence, Receipt
from shared.site.texts.templates import TemplateText, heure, render


async def rendered(
    connection: Connection,
    letter: Correspondence,
    pli: Pli | None,
    item: NotifiedItem,
    applied: AppliedSite,
    now: datetime,
) -> TemplateText:
    """Renders a notice to the public as an email; adds an open crisis event's line to receipts.

    The line was approved for mail that the event's rule matches; it is appended outside the
    template, so that none can leave it out. No line without such an event. Raises UnusableTemplate.
    """
    text = render(applied.site.templates, letter, Way.MAIL)
    if not isinstance(letter, Receipt):
        return text
    line = await line_of_receipt(connection, item, pli, applied, now)
    return replace(text, body=f"{text.body}\n\n{line}".strip())


async def line_of_receipt(
    connection: Connection, item: NotifiedItem, pli: Pli | None, applied: AppliedSite, now: datetime
) -> str:
    """Returns the approved line of the open crisis event that a mail is about, or an empty text."""
    if pli is None:
        return ""
    received = received_at(item.receipt, applied.site.zone)
    for event in await events.open_at(connection, now):
        if event.exercise or event.line is None or event.since is None:
            continue
        rule = EventRule(event.words, event.sources, event.since)
        if rule.hit(received, item.registered.source, pli.subject, pli.text) is not None:
            return event.line
    return ""


async def line_of_digest(connection: Connection, applied: AppliedSite, now: datetime) -> str:
    """Returns the digest's line that names open crisis events and their ends, or ""."""
    found = await events.open_at(connection, now)
    return _line(found, applied) if found else ""


def _line(found: Sequence[StandingEvent], applied: AppliedSite) -> str:
    said = []
    for event in found:
        end = event.ends_at.astimezone(applied.site.zone)
        kind = "exercice" if event.exercise else "événement"
        said.append(f"{kind} {event.code}, jusqu’au {plain_day(end.date())} à {heure(end)}")
    open_, desk = " ; ".join(said), applied.site.identity.desk_url.rstrip("/")
    return f"En cours : {open_}. Aucun délai ne change : {desk}/evenement"
