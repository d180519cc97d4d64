"""What an arrival becomes when it opens an item: service, classification, and what then waits."""

from dataclasses import dataclass
from typing import Protocol

from services.desk.domain.stamp import Stamp
from shared.facts.arrivals import JudgedArrival, Routing
from shared.facts.envelope import Chrono, PersonId, ServiceId
from shared.facts.items import Items
from shared.facts.items.base import THEMED, Classification
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import WaitStarted
from shared.facts.vocabulary import Category, Nature, Waiting
from shared.site.tables.bundle import Site
from shared.site.tables.routing import CategoryRow

APPEAL_HELD = "appeal"
THANKS = "thanks"
"""Why nothing automatic answers a « merci » for what was answered."""


@dataclass(frozen=True, slots=True)
class Registration:
    """The data with which an arrival becomes an item: service, agent, classification, its waits."""

    service: ServiceId
    agent: PersonId | None
    informed: tuple[PersonId, ...]
    classification: Classification
    qualified: bool
    hold: str | None
    automatic: str | None = None


class RoutedArrival(Protocol):
    """Interface of an arrival: its fields by which the site's tables classify it."""

    @property
    def routing(self) -> Routing:
        """The service, category and nature that the routing rules propose for the arrival."""
        ...

    @property
    def automatic(self) -> str | None:
        """The RFC 3834 reason for which nothing automatic may answer the arrival; `None`: none."""
        ...


def reading(arrival: RoutedArrival, site: Site, *, doubtful: bool) -> Registration:
    """Makes the registration of a new item from an arrival: service, agent, classification.

    `doubtful`: a person must qualify the item.
    """
    routing = arrival.routing
    row = _row(site, routing.category)
    nature = row.nature if routing.nature is Nature.UNKNOWN else routing.nature
    certain = routing.certain is not None and routing.category == row.id and not doubtful
    agent = routing.agent
    informed: tuple[PersonId, ...] = ()
    if nature is Nature.COMPLAINT:
        # Never by a rule to an agent: the head holds it, the quality officer has it in copy.
        agent, informed = None, (PersonId(site.identity.quality_officer),)
    service, hold = _service(site, routing.service, row), routing.hold
    if nature is Nature.APPEAL:
        service, agent = ServiceId(site.identity.legal_office), None
        hold = hold or APPEAL_HELD
    return Registration(
        service=service,
        agent=agent,
        informed=informed,
        classification=Classification(
            category=Category(row.id),
            nature=nature,
            perimeter=row.perimeter,
            reason=row.reason,
            priority=routing.priority,
            confidentiality=routing.confidentiality,
            sender_kind=routing.sender_kind,
            theme=routing.theme if nature in THEMED else None,
        ),
        qualified=certain,
        hold=hold,
        automatic=arrival.automatic,
    )


def facts(
    arrival: JudgedArrival,
    opening: Registration,
    chrono: Chrono,
    site: Site,
    stamp: Stamp,
    *,
    imported: bool = False,
) -> list[Items]:
    """Returns the facts that register an arrival as an item: `ItemRegistered`, `WaitStarted` ….

    `imported`: it was received before go-live, so no notice was or will be sent of it.
    """
    registered = ItemRegistered(
        **stamp(1),
        chrono=chrono,
        channel=arrival.channel,
        receipt=arrival.receipt,
        provisional=arrival.provisional,
        classification=opening.classification,
        service=opening.service,
        agent=opening.agent,
        informed=opening.informed,
        qualified=opening.qualified,
        source=arrival.source,
        arrival_id=arrival.arrival_id,
        pli=arrival.pli,
        original=arrival.original,
        correspondent=arrival.correspondent,
        message=arrival.message,
        subject=arrival.subject,
        authentication=arrival.authentication,
        automatic=opening.automatic,
        hold=opening.hold,
        danger=arrival.routing.danger,
        imported=imported,
        proposal=arrival.routing,
        reading=arrival.reading,
    )
    office = ServiceId(site.identity.mail_office)
    lists = [
        *([] if opening.qualified else [Waiting.TO_QUALIFY]),
        *([Waiting.RECEIPT_TO_CONFIRM] if arrival.provisional else []),
    ]
    return [
        registered,
        *(
            WaitStarted(**stamp(n), waiting=waiting, service=office)
            for n, waiting in enumerate(lists, start=2)
        ),
    ]


def _row(site: Site, category: Category | None) -> CategoryRow:
    fallback = site.category[Category(site.routing.fallback)]
    return fallback if category is None else site.category.get(category, fallback)


def _service(site: Site, proposed: ServiceId | None, row: CategoryRow) -> ServiceId:
    """The rule's service when the site still has it, else the category's."""
    return proposed if proposed is not None and proposed in site.service else ServiceId(row.service)
