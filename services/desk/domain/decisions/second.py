"""Acts of two persons on an item, each signed in: lifting a legal hold, leaving the perimeter late.

The first asks, and nothing changes; another one, whose word counts, confirms (ADR 0036).
"""

from dataclasses import dataclass
from datetime import date

from services.desk.domain.clocks import ItemClock
from services.desk.domain.decisions.context import DecisionContext, by_session, still_there
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.authors import person_of
from shared.facts.clocks import Outcome
from shared.facts.envelope import PersonId
from shared.facts.items import Items
from shared.facts.items.retention import LegalHoldLifted, SecondPersonAsked
from shared.facts.items.routing import ItemReclassified
from shared.facts.origin import Origin
from shared.facts.vocabulary import ClockName, TwoPersonAct
from shared.site.staff.deputies import Function, trusted_people
from shared.site.tables.identity import StandIn


@dataclass(frozen=True, slots=True)
class LiftHold:
    """The command to lift an item's legal hold: one person asks and a second one confirms."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeavePerimeter:
    """The command to put a late item out of the perimeter, so that it counts in no rate.

    One person asks and a second one confirms; one of the two must answer for quality.
    """

    reason: str


def signed_in(origin: Origin) -> None:
    """Raises Refused unless the decision is taken on a page by somebody who signed in."""
    if not origin.by_session:
        raise by_session(
            "This is decided on a page, by somebody who signed in: no command or program does it."
        )


def past_limit(ground: DecisionContext) -> bool:
    """Returns whether the item's reply was late, or is late on the local day of the decision."""
    return late_on(ground.today, ground.clocks.get(ClockName.REPLY))


def late_on(day: date, clock: ItemClock | None) -> bool:
    """Returns whether a reply was late, or is late on a local day, by its deadline timer."""
    if clock is None or clock.outcome is Outcome.KEPT:
        return False
    return clock.outcome is Outcome.LATE or clock.limit < day


def lift_hold(item: Item, command: LiftHold, ground: DecisionContext) -> list[Items]:
    """Decides to lift a legal hold: first `SecondPersonAsked`, then `LegalHoldLifted`.

    The second fact comes when another person gives the command. Raises Refused.
    """
    if item.legal_hold is None:
        raise Refused(
            f"No legal hold stands on {item.chrono}.", "no-legal-hold", chrono=item.chrono
        )
    asked = _asked(item, TwoPersonAct.LIFT_HOLD, command.reason, ground)
    if isinstance(asked, list):
        return asked
    if ground.person.id not in who_confirms(item, ground):
        _may_not(item, ground)
    return [LegalHoldLifted(**ground.stamp(item)(1), reason=asked.reason, asked=asked.event_id)]


def leave_perimeter(item: Item, command: LeavePerimeter, ground: DecisionContext) -> list[Items]:
    """Decides to put a late item out of the perimeter, so that it counts in no rate.

    Returns `SecondPersonAsked` for the first person, `ItemReclassified` for the second. Raises
    Refused.
    """
    still_there(item)
    if not item.classification.perimeter:
        raise Refused(
            f"{item.chrono} is out of the perimeter already.", "outside-already", chrono=item.chrono
        )
    asked = _asked(item, TwoPersonAct.LEAVE_PERIMETER, command.reason, ground)
    if isinstance(asked, list):
        return asked
    site = ground.applied.site
    officer = (site.identity.quality_officer, Function.QUALITY_OFFICER)
    officers = trusted_people([officer], StandIn.PROOF, site, ground.directory, ground.today)
    both = {ground.person.id, person_of(asked.by)}
    if not both & officers or ground.person.id not in who_confirms(item, ground):
        _may_not(item, ground)
    outside = item.classification.model_copy(update={"perimeter": False, "reason": asked.reason})
    stamp = ground.stamp(item)
    return [ItemReclassified(**stamp(1), classification=outside, asked=asked.event_id)]


def who_confirms(item: Item, ground: DecisionContext) -> frozenset[PersonId]:
    """Returns who may confirm as second person: quality officer, SG, head, director."""
    site = ground.applied.site
    service = site.service_now(item.service)
    holders = [
        (site.identity.quality_officer, Function.QUALITY_OFFICER),
        (site.identity.general_secretary, Function.GENERAL_SECRETARY),
    ]
    if service is not None:
        holders += [(service.head, Function.HEAD), (service.director, Function.DIRECTOR)]
    return trusted_people(holders, StandIn.PROOF, site, ground.directory, ground.today)


def _asked(
    item: Item, act: TwoPersonAct, reason: str, ground: DecisionContext
) -> list[Items] | SecondPersonAsked:
    """Request of the first person; without it, the facts by which this person asks."""
    signed_in(ground.origin)
    asked = next((request for request in item.second_asked if request.act is act), None)
    if asked is None:
        return [SecondPersonAsked(**ground.stamp(item)(1), act=act, reason=reason)]
    if asked.by == ground.by:
        raise Refused("Two persons are needed: whoever asked can't confirm.", "two-persons")
    return asked


def _may_not(item: Item, ground: DecisionContext) -> None:
    raise Refused(
        f"{ground.person.id} can't confirm this for {item.chrono}: the quality officer with the"
        " head, the director or the general secretary can.",
        "may-not-second",
        chrono=item.chrono,
    )
