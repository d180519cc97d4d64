"""An item keyed at the counter: a paper handed over, before or without any scan."""

from dataclasses import dataclass
from datetime import date

from services.desk.domain.decisions.classification import theme_of
from services.desk.domain.decisions.context import DecisionContext
from shared.errors import Refused
from shared.facts import ids
from shared.facts.envelope import BlobKey, Chrono, ItemId, On, PersonId, ServiceId
from shared.facts.items import Items
from shared.facts.items.base import Classification
from shared.facts.items.registration import ItemRegistered
from shared.facts.vocabulary import Category, Channel, Nature, SenderKind

ON_PAPER = (Channel.HAND_DELIVERED, Channel.LETTER, Channel.REGISTERED_LETTER)


@dataclass(frozen=True, slots=True)
class RegisterAtCounter:
    """The command to register a paper that a clerk keys at the counter, before any scan."""

    chrono: Chrono
    category: str
    day: date
    channel: Channel = Channel.HAND_DELIVERED
    nature: Nature | None = None
    sender_kind: SenderKind = SenderKind.UNKNOWN
    service: str | None = None
    agent: str | None = None
    pli: BlobKey | None = None
    """Pli (sender and subject) as keyed, stored like the content of an arrival."""
    theme: str | None = None
    """Of a complaint or suggestion: a code of the site's themes."""


def item_of(ground: DecisionContext) -> ItemId:
    """Returns the id of the new item that a decision opens, made of the decision's id."""
    return ItemId(ids.item_id(ground.applied.site.identity.id, ground.decision))


def _before_go_live(day: date, ground: DecisionContext) -> bool:
    """Whether a day lies before go-live: timed from its day, with nothing said of its past.

    A site that is not live yet times nothing else.
    """
    return ground.applied.history(On(day=day))


def register(command: RegisterAtCounter, ground: DecisionContext) -> list[Items]:
    """Decides to register a paper keyed at the counter: returns `ItemRegistered`, qualified.

    Raises Refused for an unknown category or service, a channel that isn't paper, a day to come,
    or an agent who is not of the service.
    """
    site = ground.applied.site
    row = site.category.get(Category(command.category))
    if row is None:
        raise Refused(
            f"There is no category {command.category!r} in this site; there are"
            f" {', '.join(sorted(site.category))}.",
            "no-such-category",
        )
    if command.channel not in ON_PAPER:
        raise Refused(
            f"What comes by {command.channel} comes through the door, not the counter.",
            "not-on-paper",
        )
    if command.day > ground.today:
        raise Refused(
            f"{command.day} is still to come: give the day of receipt.",
            "day-to-come",
            day=command.day,
        )
    nature = command.nature or row.nature
    service = ground.service(command.service or row.service)
    complaint = nature is Nature.COMPLAINT
    agent = command.agent
    return [
        ItemRegistered(
            **ground.stamp_of(item_of(ground), 0)(1),
            chrono=command.chrono,
            channel=command.channel,
            receipt=On(day=command.day),
            classification=Classification(
                category=Category(row.id),
                nature=nature,
                perimeter=row.perimeter,
                reason=row.reason,
                sender_kind=command.sender_kind,
                theme=theme_of(nature, command.theme, ground),
            ),
            service=ServiceId(service.id),
            agent=None if agent is None else ground.member(agent, service),
            informed=(PersonId(site.identity.quality_officer),) if complaint else (),
            qualified=True,
            arrival_id=None,
            pli=command.pli,
            imported=_before_go_live(command.day, ground),
        )
    ]
