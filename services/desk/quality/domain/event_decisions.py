"""What may be decided about an event, and by whom: two persons, each signed in. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from services.desk.quality.domain.events import CrisisEvent, EventDraft, MassReply
from shared.errors import Refused
from shared.facts.origin import Origin
from shared.facts.quality.events import EventPart

CODE: Final = r"[a-z][a-z0-9]*(-[a-z0-9]+){0,4}"
LONGEST: Final = timedelta(days=31)
"""An event that lasts longer is asked for again: it must not be forgotten open."""


def is_code(text: str) -> bool:
    """Whether a text may name a crisis event: a short code, since facts hold no free text."""
    return re.fullmatch(CODE, text) is not None


def signed_in(origin: Origin) -> None:
    """Raises Refused for a decision not taken on a page by somebody signed in."""
    if not origin.by_session:
        raise Refused("This is decided on a page, by somebody who signed in.", "by-session")


def another(by: str, first: str) -> None:
    """Raises Refused if the second person to confirm is the first one."""
    if by == first:
        raise Refused("Two persons are needed: another one confirms.", "event-two-persons")


def may_ask(
    events: Sequence[CrisisEvent], ends_at: datetime, now: datetime, *, exercise: bool
) -> None:
    """Raises Refused for a second event of its sort (crisis, exercise), or an impossible end.

    The end must lie ahead, by 31 days at most.
    """
    if not now < ends_at <= now + LONGEST:
        raise Refused("The end lies ahead, at most 31 days.", "event-end", most=LONGEST.days)
    other = next(
        (
            event
            for event in events
            if event.exercise is exercise and (event.waits or event.open_at(now))
        ),
        None,
    )
    if other is not None:
        raise Refused("One of its sort is open already.", "event-other", number=other.number)


def may_open(event: CrisisEvent, by: str, now: datetime) -> None:
    """Raises Refused for opening an event: not requested, by who requested it, its end passed."""
    if not event.waits:
        raise Refused("This event does not wait to be opened.", "event-not-waiting")
    another(by, event.asked_by)
    if event.ends_at <= now:
        raise Refused("Its end has passed: ask again.", "event-past")


def must_be_open(event: CrisisEvent, now: datetime) -> None:
    """Raises Refused unless the crisis event is open."""
    if not event.open_at(now):
        raise Refused("This event is not open.", "event-not-open")


def may_write(event: CrisisEvent, now: datetime) -> None:
    """Raises Refused for a version of a part of a crisis event that is over or given up."""
    if event.dropped or event.over(now) is not None:
        raise Refused("This event is over.", "event-over")


def may_approve(
    event: CrisisEvent, part: EventPart, version: int, by: str, now: datetime
) -> EventDraft:
    """Returns the version of an event's part to approve.

    Raises Refused to its author, and for any but the last version.
    """
    may_write(event, now)
    draft = event.last(part)
    if draft is None or draft.version != version or draft.approved_at is not None:
        raise Refused("Another version was written since: read it first.", "event-other-version")
    another(by, draft.author)
    return draft


def may_mass(event: CrisisEvent, version: int, now: datetime) -> EventDraft:
    """Returns the approved reply. Raises Refused: event not open, other version, mass pending."""
    must_be_open(event, now)
    if event.mass is not None:
        raise Refused("A mass reply waits or runs already.", "mass-other")
    return must_be_approved(event, version)


def must_be_approved(event: CrisisEvent, version: int) -> EventDraft:
    """Returns the event's reply of this version, if it is the approved one. Raises Refused."""
    draft = event.last_approved(EventPart.REPLY)
    if draft is None or draft.version != version:
        raise Refused("This is not the approved reply.", "mass-reply-unapproved")
    return draft


def waiting_mass(event: CrisisEvent, number: int) -> MassReply:
    """Returns the mass reply with this number, waiting for its second person. Raises Refused."""
    mass = event.masses.get(number)
    if mass is None or not mass.waits:
        raise Refused("This mass reply does not wait.", "mass-not-waiting")
    return mass


def running_mass(event: CrisisEvent, number: int, *, paused: bool) -> MassReply:
    """Returns the mass reply with this number if it runs and is `paused` or not, else Refused."""
    mass = event.masses.get(number)
    if mass is None or not mass.runs or mass.paused is not paused:
        raise Refused("This mass reply is not so.", "mass-not-so")
    return mass
