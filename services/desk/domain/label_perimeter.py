"""Which services the label covers, from which day: an item counts by its service on day 0. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.domain.days import local_day
from services.desk.domain.item import Item
from shared.facts.envelope import EventId, ServiceId
from shared.facts.quality.perimeter import (
    PerimeterAsked,
    PerimeterChanged,
    PerimeterDropped,
    PerimeterFact,
)

SERVICE_OUTSIDE: Final = "service-hors-label"
"""The reason, as a code beside those of the site, of items whose service the label leaves out."""


@dataclass(frozen=True, slots=True)
class LabelPerimeter:
    """The quality label's perimeter from its facts: by default a service is in."""

    changes: Sequence[PerimeterChanged] = ()
    """In the order of the chain."""
    asked: Mapping[ServiceId, PerimeterAsked] = field(default_factory=dict)
    """By service, the last request that nobody confirmed or dropped."""

    def last_change(self, service: ServiceId, day: date) -> PerimeterChanged | None:
        """Returns the change that decides on a day whether a service is in the label's perimeter.

        `None`: no change was made by then, so the service is in.
        """
        come = [fact for fact in self.changes if fact.service == service and fact.since <= day]
        return max(come, key=lambda fact: (fact.since, fact.seq), default=None)

    def inside(self, service: ServiceId, day: date) -> bool:
        """Whether the label covers a service on a local day, as desk.perimeter_at says in SQL."""
        fact = self.last_change(service, day)
        return fact is None or fact.inside

    def before(self, seq: int) -> "LabelPerimeter":
        """Returns the label's perimeter as it was before a fact of the quality chain."""
        return LabelPerimeter([fact for fact in self.changes if fact.seq < seq])

    def with_request(self, request: PerimeterAsked) -> "LabelPerimeter":
        """Returns the label's perimeter as it would be if a request were confirmed now."""
        seq = max((fact.seq for fact in self.changes), default=0) + 1
        told = request.model_dump(exclude={"type", "seq"})
        change = PerimeterChanged(**told, seq=seq, asked=request.event_id)
        return LabelPerimeter((*self.changes, change), self.asked)

    def periods(self, service: ServiceId) -> Sequence[PerimeterChanged]:
        """Returns a service's perimeter changes that hold, by day: the last of each day."""
        last = {
            fact.since: fact
            for fact in sorted(self.changes, key=lambda fact: fact.seq)
            if fact.service == service
        }
        return [last[since] for since in sorted(last)]


def fold_perimeter(facts: Iterable[PerimeterFact]) -> LabelPerimeter:
    """Returns the label's perimeter (services in and out, open requests) from its facts.

    Pure; `facts`: sorted by their number `seq` in the quality chain.
    """
    changes: list[PerimeterChanged] = []
    asked: dict[ServiceId, PerimeterAsked] = {}
    for fact in facts:
        match fact:
            case PerimeterAsked():
                asked[fact.service] = fact
            case PerimeterChanged():
                changes.append(fact)
                _settle(asked, fact.service, fact.asked)
            case PerimeterDropped():
                _settle(asked, fact.service, fact.asked)
    return LabelPerimeter(tuple(changes), asked)


def _settle(asked: dict[ServiceId, PerimeterAsked], service: ServiceId, request: EventId) -> None:
    if service in asked and asked[service].event_id == request:
        del asked[service]


def service_on_day_zero(item: Item, zone: ZoneInfo) -> ServiceId:
    """Returns the service in charge of an item at the end of its day 0, the local receipt day.

    Where nobody had sorted it by then, the first that a person or a certain rule put in charge;
    while nobody has, the one that is proposed.
    """
    zero = local_day(item.receipt, zone)
    by_then = [service for at, service in item.held if at.astimezone(zone).date() <= zero]
    if by_then:
        return by_then[-1]
    return item.held[0][1] if item.held else item.service


def outside_service(item: Item, zone: ZoneInfo, perimeter: LabelPerimeter) -> ServiceId | None:
    """Returns the service outside the label that keeps an item out of every rate, or `None`."""
    service = service_on_day_zero(item, zone)
    covered = perimeter.inside(service, local_day(item.receipt, zone))
    return None if covered or not item.classification.perimeter else service
