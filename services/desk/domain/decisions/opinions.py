"""The opinion that another service is asked for, with a date: asking; who may answer.

The item stays where it is and no clock moves: only whoever answers the sender answers in time. The
answer is an internal note (notes.py).
"""

from dataclasses import dataclass
from datetime import date

from services.desk.domain.decisions.confidentiality import is_reserved
from services.desk.domain.decisions.context import DecisionContext, not_ended
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.envelope import BlobKey, EventId, ServiceId
from shared.facts.items import Items
from shared.facts.items.routing import OpinionAsked


@dataclass(frozen=True, slots=True)
class AskOpinion:
    """The command to ask another service for its opinion of an item, by a local day."""

    service: str
    until: date
    """A jour ouvré after today."""
    pli: BlobKey
    """The question's text."""


def ask_opinion(item: Item, command: AskOpinion, ground: DecisionContext) -> list[Items]:
    """Decides to ask another service for its opinion: returns `OpinionAsked`. Raises Refused.

    Of a réservé or personal item no service is asked, since it would not read it; nor the item's
    own, nor one that still owes an opinion of this item.
    """
    not_ended(item)
    service = ServiceId(ground.service(command.service).id)
    if is_reserved(item):
        raise Refused(
            f"{item.chrono} is réservé: no other service reads it, so none is asked.",
            "opinion-of-reserved",
            chrono=item.chrono,
        )
    if service == item.service:
        raise Refused(
            f"{item.chrono} is with {service} already: ask another service.",
            "opinion-of-own",
            chrono=item.chrono,
        )
    if any(asked.service == service for asked in item.opinions):
        raise Refused(
            f"{service} was asked about {item.chrono} already and has not answered yet.",
            "opinion-asked-already",
            service=service,
            chrono=item.chrono,
        )
    until = ground.worked_day(command.until, "the date of an opinion")
    stamp = ground.stamp(item)(1)
    return [OpinionAsked(**stamp, service=service, until=until, pli=command.pli)]


def refuse_other_service(item: Item, asked: EventId, ground: DecisionContext) -> None:
    """Raises Refused unless the opinion is still due, by a service of whoever answers it.

    `asked`: the `OpinionAsked` that they answer.
    """
    opinion = next((opinion for opinion in item.opinions if opinion.event_id == asked), None)
    if opinion is None:
        raise Refused(
            f"This opinion of {item.chrono} was given, or is asked for no more.",
            "opinion-not-open",
            chrono=item.chrono,
        )
    ground.of_service(ground.service(opinion.service))
