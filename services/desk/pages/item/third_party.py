"""The third party for whose answer an item waits: who, since when, until when (ADR 185)."""

from dataclasses import dataclass
from datetime import date

from services.desk.pages.item.action import About
from shared.calendar.local_days import local_day
from shared.facts.items.corrections import ItemAbsorbed
from shared.facts.items.registration import SenderWroteAgain
from shared.facts.standing import standing


@dataclass(frozen=True, slots=True)
class AwaitedThird:
    """The wait of an open item for a third party's answer, as its page shows it; local days."""

    who: str
    """Its name, from labels.yaml."""
    since: date
    """Day of the first letter to them, or on which somebody noted the wait."""
    last: date
    """Day of the last chase; `since` without one."""
    until: date | None
    """Day for which the answer is expected, as it was said last."""
    late: bool
    chased: int
    """How often they were chased."""
    came: bool
    """A message or another item has joined this one since: it may be their answer."""


def awaited_third(about: About) -> AwaitedThird | None:
    """Returns the third party whose answer an open item waits for, or `None`."""
    asks = about.item.third_asks
    if about.item.third is None or not asks or not about.open:
        return None
    zone, last = about.visit.applied.site.zone, asks[-1]
    return AwaitedThird(
        who=about.names.office(about.item.third),
        since=local_day(asks[0].happened_at, zone),
        last=local_day(last.happened_at, zone),
        until=last.expected,
        late=last.expected is not None and last.expected < about.visit.today,
        chased=len(asks) - 1,
        came=any(
            fact.seq > asks[0].seq
            for fact in standing(about.sheet.facts)
            if isinstance(fact, SenderWroteAgain | ItemAbsorbed)
        ),
    )
