"""The times of an event: until its texts were approved, until the first and last mail. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.desk.quality.domain.events import CrisisEvent
from shared.facts.quality.events import EventPart


@dataclass(frozen=True, slots=True)
class EventTimes:
    """The moments of a crisis event's steps; `None` for a step that was not reached."""

    asked: datetime
    opened: datetime | None
    line: datetime | None
    reply: datetime | None
    """When the first version of each text was approved."""
    ordered: datetime | None
    """When the first mass reply was ordered."""
    first: datetime | None
    median: datetime | None
    last: datetime | None
    """Of the mails that a server took."""
    ended: datetime | None

    def since_opening(self, moment: datetime | None) -> timedelta | None:
        """Returns the time from an event's opening to a moment; `None` without that moment."""
        return None if moment is None or self.opened is None else moment - self.opened


def times(event: CrisisEvent, left: Sequence[datetime], now: datetime) -> EventTimes:
    """Computes the times of a crisis event's steps from its facts and its sent emails."""
    ordered = sorted(left)
    return EventTimes(
        event.asked_at,
        event.opened_at,
        _approved(event, EventPart.LINE),
        _approved(event, EventPart.REPLY),
        min((mass.ordered_at for mass in event.masses.values() if mass.ordered_at), default=None),
        ordered[0] if ordered else None,
        ordered[(len(ordered) - 1) // 2] if ordered else None,
        ordered[-1] if ordered else None,
        event.over(now),
    )


def _approved(event: CrisisEvent, part: EventPart) -> datetime | None:
    at = (draft.approved_at for draft in event.drafts if draft.part is part)
    return min((moment for moment in at if moment is not None), default=None)
