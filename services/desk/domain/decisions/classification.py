"""Decisions of who answers an item and what it is: qualify, assign, reclassify."""

from dataclasses import dataclass

from services.desk.domain.decisions.context import DecisionContext, in_hand, not_ended, still_there
from services.desk.domain.decisions.second import past_limit
from services.desk.domain.item import Item
from services.desk.domain.item_changes import debtors, lasting_copies
from shared.errors import Refused
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.items import Items
from shared.facts.items.base import THEMED, Classification
from shared.facts.items.routing import ItemAssigned, ItemReclassified, WaitEnded
from shared.facts.vocabulary import Category, Confidentiality, Nature, Priority, SenderKind, Waiting


@dataclass(frozen=True, slots=True)
class Assign:
    """The command to assign an item to a service, and to an agent or (`None`) its head."""

    service: str
    agent: str | None = None
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reclassify:
    """The command to change an item's category, nature, priority …; `None` changes nothing."""

    category: str | None = None
    nature: Nature | None = None
    perimeter: bool | None = None
    reason: str | None = None
    """Why it is out of the perimeter: a code."""
    priority: Priority | None = None
    confidentiality: Confidentiality | None = None
    sender_kind: SenderKind | None = None
    theme: str | None = None
    """Of a complaint or suggestion: a code of the site's themes."""


@dataclass(frozen=True, slots=True)
class Qualify:
    """The command to qualify an item: to confirm or change its proposed service and category."""

    what: Reclassify
    service: str | None = None
    """`None`: the service of the category when that changes, else the proposed one."""
    agent: str | None = None
    """`None`: the proposed one, or the head of a service that is named or changes."""


def qualify(item: Item, command: Qualify, ground: DecisionContext) -> list[Items]:
    """Decides to qualify an item: returns facts of what changes, `WaitEnded`. Raises Refused."""
    not_ended(item)
    if Waiting.TO_QUALIFY not in item.waits:
        raise Refused(
            f"{item.chrono} is qualified already: assign or reclassify it.",
            "qualified-already",
            chrono=item.chrono,
        )
    stamp, facts = ground.stamp(item), list[Items]()
    what = new_classification(item, command.what, ground)
    if what != item.classification:
        facts.append(ItemReclassified(**stamp(1), classification=what))
    who = _given_to(item, what.category, command, ground)
    if who is not None:
        assigned = _assigned(item, what.nature, who, ground)
        if assigned != (item.service, item.agent, lasting_copies(item), item.informed):
            facts.append(_assignment(stamp(len(facts) + 1), assigned))
    facts.append(WaitEnded(**stamp(len(facts) + 1), waiting=Waiting.TO_QUALIFY))
    return facts


def _given_to(
    item: Item, category: Category, command: Qualify, ground: DecisionContext
) -> Assign | None:
    """To whom it goes; `None`: it stays with the service and the agent that were proposed."""
    service = command.service
    if service is None and category != item.classification.category:
        service = ground.applied.site.category[category].service
    if service is None and command.agent is None:
        return None
    return Assign(service or item.service, command.agent, item.copies)


def assign(item: Item, command: Assign, ground: DecisionContext) -> list[Items]:
    """Decides to assign an item to a service or agent: returns `ItemAssigned`. Raises Refused."""
    in_hand(item)
    assigned = _assigned(item, item.classification.nature, command, ground)
    present = (item.service, item.agent, lasting_copies(item), item.informed)
    if assigned == present and item.signatory is None:
        whom = item.agent or f"the head of {item.service}"
        raise Refused(
            f"{item.chrono} is with {whom} already: nothing changes.",
            "there-already",
            chrono=item.chrono,
        )
    return [_assignment(ground.stamp(item)(1), assigned)]


_Assigned = tuple[ServiceId, PersonId | None, tuple[ServiceId, ...], tuple[PersonId, ...]]


def _assigned(item: Item, nature: Nature, command: Assign, ground: DecisionContext) -> _Assigned:
    service = ground.service(command.service)
    agent = None if command.agent is None else ground.member(command.agent, service)
    named = [ServiceId(ground.service(copy).id) for copy in command.copies]
    copies = tuple(copy for copy in named if copy not in debtors(item))
    officer = PersonId(ground.applied.site.identity.quality_officer)
    informed = item.informed
    if nature is Nature.COMPLAINT and officer not in informed:
        informed = (*informed, officer)
    return ServiceId(service.id), agent, copies, informed


def _assignment(envelope: dict[str, object], assigned: _Assigned) -> ItemAssigned:
    service, agent, copies, informed = assigned
    return ItemAssigned.model_validate(
        envelope | {"service": service, "agent": agent, "copies": copies, "informed": informed}
    )


def reclassify(item: Item, command: Reclassify, ground: DecisionContext) -> list[Items]:
    """Decides to change an item's classification: returns `ItemReclassified`.

    What becomes a complaint is also assigned to the head of its service. Raises Refused if nothing
    changes.
    """
    still_there(item)
    what = new_classification(item, command, ground)
    if what == item.classification:
        raise Refused(
            f"{item.chrono} is all that already: nothing changes.",
            "nothing-changes",
            chrono=item.chrono,
        )
    stamp = ground.stamp(item)
    facts: list[Items] = [ItemReclassified(**stamp(1), classification=what)]
    becomes_complaint = what.nature is Nature.COMPLAINT and not item.complaint
    if becomes_complaint and not item.ended:
        facts.append(
            _assignment(stamp(2), _assigned(item, what.nature, Assign(item.service), ground))
        )
    return facts


def new_classification(item: Item, command: Reclassify, ground: DecisionContext) -> Classification:
    """Returns an item's classification with a command's fields put in.

    Raises Refused for an unknown category or theme, for a reason that is missing, to put a late
    item out of the perimeter, and for priority signalée from whoever may not set it.
    """
    now, site = item.classification, ground.applied.site
    perimeter, reason, category = now.perimeter, now.reason, now.category
    if command.category is not None:
        row = site.category.get(Category(command.category))
        if row is None:
            raise Refused(
                f"There is no category {command.category!r} in this site; there are"
                f" {', '.join(sorted(site.category))}.",
                "no-such-category",
            )
        category, perimeter, reason = Category(row.id), row.perimeter, row.reason
    if command.perimeter is not None:
        perimeter, reason = command.perimeter, command.reason
    if not perimeter and reason is None:
        raise Refused(
            "Out of the perimeter needs its reason: add the code, such as invoice.",
            "reason-of-perimeter",
        )
    if now.perimeter and not perimeter and past_limit(ground):
        raise Refused(
            f"The limit of {item.chrono} has passed: the quality officer puts it out of the"
            " perimeter with a second person, on the page of its proof.",
            "after-the-limit",
            chrono=item.chrono,
        )
    if command.priority is Priority.SIGNALEE and not _may_flag(ground):
        raise Refused(
            "Only a head, a director or the general secretary sets signalée.", "may-not-flag"
        )
    nature = command.nature or now.nature
    return Classification(
        category=category,
        nature=nature,
        perimeter=perimeter,
        reason=None if perimeter else reason,
        priority=command.priority or now.priority,
        confidentiality=command.confidentiality or now.confidentiality,
        sender_kind=command.sender_kind or now.sender_kind,
        theme=theme_of(nature, command.theme, ground) or (now.theme if nature in THEMED else None),
    )


def theme_of(nature: Nature, theme: str | None, ground: DecisionContext) -> str | None:
    """Returns the theme of an item if its nature (complaint, suggestion) has one, else `None`.

    Raises Refused for a theme that the site does not know.
    """
    known = ground.applied.site.labels.every_theme
    if theme is not None and theme not in known:
        raise Refused(
            f"There is no theme {theme!r} in this site; there are {', '.join(known)}.",
            "no-such-theme",
        )
    return theme if nature in THEMED else None


def _may_flag(ground: DecisionContext) -> bool:
    site, who = ground.applied.site, ground.who.id
    chiefs = {
        chief for service in site.services.services for chief in (service.head, service.director)
    }
    return ground.leads or who in chiefs | {site.identity.general_secretary}
