"""Who has the item, since when, and who is above (rules 5 and 6).

The agent; in signature, the signatory; nobody, the head of the service. An assignment ends a
signature; a return gives the item back to whoever had it before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from services.sla.domain.history import ItemHistory
from services.sla.domain.rules import ClockRules
from shared.facts.clocks import Held, Holder
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import (
    ItemAssigned,
    ReplyInSignature,
    SignatureReturned,
    WaitStarted,
)
from shared.facts.vocabulary import Audience, Waiting
from shared.site.tables.commitments import Step

AGENT, HEAD, DIRECTOR, TOP = range(4)
"""The levels of the hierarchy inside the préfecture."""

ABOVE = {Audience.HEAD: HEAD, Audience.DIRECTOR: DIRECTOR}
"""The hearers that can be above a holder; the mail office's head is above no holder."""


@dataclass(frozen=True, slots=True)
class Tenure:
    """The time from which one holder had an item; `seq` is of the fact that gave it to them."""

    holder: Holder
    since: datetime
    seq: int
    day: date
    """The local day of `since`."""


def tenures(known: ItemHistory, rules: ClockRules) -> Sequence[Tenure]:
    """Lists the holders that an item had one after the other, oldest first."""
    return known.once(("tenures", rules), lambda: _tenures(known, rules))


def _tenures(known: ItemHistory, rules: ClockRules) -> Sequence[Tenure]:
    found = list[Tenure]()
    owner: Holder | None = None
    for fact in known.facts:
        match fact:
            case (
                ItemRegistered(service=service, agent=agent)
                | ItemAssigned(service=service, agent=agent)
            ):
                holder = owner = Holder(service=rules.successor(service), person=agent)
            case WaitStarted(waiting=Waiting.QUARANTINE, service=service) if owner is None:
                holder = owner = Holder(service=rules.successor(service))
            case ReplyInSignature(signatory=signatory) if owner:
                holder = Holder(service=owner.service, person=signatory, signing=True)
            case SignatureReturned() if owner:
                holder = owner
            case _:
                continue
        if not found or found[-1].holder != holder:
            since = max(fact.happened_at, found[-1].since) if found else fact.happened_at
            found.append(Tenure(holder, since, fact.seq, rules.day(since)))
    return found


def holding_at(turns: Sequence[Tenure], moment: datetime) -> Holder:
    """Returns who held the item at a moment; before its registration, its first holder."""
    return next((tenure for tenure in reversed(turns) if tenure.since <= moment), turns[0]).holder


def is_above(step: Step, holder: Holder, rules: ClockRules) -> bool:
    """Whether a reminder (rung) goes to somebody above the item's holder in the hierarchy."""
    return _reach(step.tell) > _level(holder, rules)


@cache
def _reach(tell: tuple[Audience, ...]) -> int:
    """The highest level of these hearers; of a few tuples, those of a site's ladders."""
    return max((ABOVE.get(audience, AGENT) for audience in tell), default=AGENT)


def _level(holder: Holder, rules: ClockRules) -> int:
    site = rules.applied.site
    service = site.service.get(holder.service)
    if holder.person == site.identity.general_secretary:
        return TOP
    if service and holder.person == service.director:
        return DIRECTOR
    if holder.person is None or (service and holder.person == service.head):
        return HEAD
    return AGENT


def days_held(
    turns: Sequence[Tenure], day_zero: date, until: date, rules: ClockRules
) -> tuple[Held, ...]:
    """Counts the jours ouvrés for which each holder had the item, the mail office first."""
    between = rules.calendar.between
    found = list[Held]()
    holder, since = rules.mail_office, day_zero
    for turn in turns:
        if turn.day <= until:
            if (days := between(since, turn.day)) > 0:
                found.append(Held(holder=holder, days=days))
            holder, since = turn.holder, turn.day
    if (days := between(since, until)) > 0:
        found.append(Held(holder=holder, days=days))
    return tuple(found)
