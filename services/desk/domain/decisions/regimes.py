"""Decisions of what silence will mean: the regime, its start, and its one extension.

What the law forbids is refused with its article: a wrong acceptance gives a false right, a wrong
rejection a false appeal (docs/domain.md §3).
"""

from dataclasses import dataclass
from datetime import date

from services.desk.domain.decisions.context import DecisionContext, still_there
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.envelope import On
from shared.facts.items import Items
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import RegimeStart
from shared.site.implied_decision import (
    CountedPeriod,
    NotRunning,
    count_period,
    is_forbidden,
    may_restart,
    silence,
)
from shared.site.tables.regimes import Regime


@dataclass(frozen=True, slots=True)
class ConfirmRegime:
    """The command to confirm what silence on an item will mean; `None`: no implied decision."""

    regime: str | None
    start: RegimeStart | None = None
    received: date | None = None
    """Local day at the office that `start` names; `None`: the item's receipt."""
    certificate: date | None = None
    """When a récépissé was delivered: it presumes that the file was complete that day."""


@dataclass(frozen=True, slots=True)
class ExtendPeriod:
    """The command to extend the period of an item's implied decision, once, with a reason."""

    reason: str
    """A code of the site's reasons."""


def confirm_regime(item: Item, command: ConfirmRegime, ground: DecisionContext) -> list[Items]:
    """Decides to confirm an item's regime of implied decision: returns `RegimeConfirmed`.

    Raises Refused, with the article, for what the category or the law forbids.
    """
    still_there(item)
    regime = None if command.regime is None else _allowed(item, command.regime, ground)
    start = command.start or (RegimeStart.FIRST_OFFICE if regime is None else regime.start)
    if command.certificate is not None:
        if regime is None or regime.start is not RegimeStart.COMPLETE_FILE:
            raise Refused(
                "A récépissé says that a file is complete, and this period does not count from a"
                " complete file: leave its date empty.",
                "certificate-without-file",
            )
        start = RegimeStart.COMPLETE_FILE
    if regime is not None and is_forbidden(regime.effect, start):
        raise Refused(
            f"Regime {regime.id} accepts by silence: its period never starts at the first office"
            " (CRPA, art. L114-3), but at the competent one, and not before the file is complete"
            " (art. L114-5).",
            "start-forbidden",
        )
    day = command.certificate or command.received
    if day is not None and day > ground.today:
        raise Refused(f"{day} is still to come: give the day of receipt.", "day-to-come", day=day)
    before = item.regime if item.regime and item.regime.regime == command.regime else None
    return [
        RegimeConfirmed(
            **ground.stamp(item)(1),
            regime=command.regime,
            start=start,
            received=item.receipt if day is None else On(day=day),
            presumed_complete=command.certificate is not None,
            extended=None if before is None else before.extended,
            extended_on=None if before is None else before.extended_on,
        )
    ]


def _allowed(item: Item, code: str, ground: DecisionContext) -> Regime:
    """The regime, if the category allows it. Raises Refused."""
    site = ground.applied.site
    if code not in site.regime:
        known = ", ".join(sorted(site.regime)) or "none"
        raise Refused(
            f"There is no regime {code!r} in this site; there are {known}.", "no-such-regime"
        )
    row = site.category.get(item.classification.category)
    allowed = () if row is None else row.allowed
    if code not in allowed:
        raise Refused(
            f"Category {item.classification.category} allows regime"
            f" {', '.join(allowed) or 'none'}, not {code}: reclassify the item first.",
            "regime-not-allowed",
            category=item.classification.category,
        )
    return site.regime[code]


def extend_period(item: Item, command: ExtendPeriod, ground: DecisionContext) -> list[Items]:
    """Decides to extend the period of an implied decision: returns `RegimeConfirmed` again.

    Raises Refused if no text allows it, it was extended already, or the period is over.
    """
    still_there(item)
    confirmed, regime, zone = item.regime, _regime(item, ground), ground.applied.site.zone
    if confirmed is None or regime is None or regime.extension is None:
        raise Refused(
            f"No text lets the period of {item.chrono} be extended.",
            "no-extension",
            chrono=item.chrono,
        )
    if confirmed.extended is not None:
        raise Refused(
            f"The period of {item.chrono} was extended already, on {confirmed.extended_on}: it is"
            " extended once.",
            "extended-already",
            chrono=item.chrono,
            day=confirmed.extended_on,
        )
    period = count_period(regime, confirmed, item.pieces, zone)
    if isinstance(period, CountedPeriod) and period.limit < ground.today:
        raise Refused(
            f"The period of {item.chrono} ended on {period.limit}: it can't be extended any more.",
            "period-over",
            chrono=item.chrono,
            limit=period.limit,
        )
    again = confirmed.model_dump(include={"regime", "start", "presumed_complete"})
    return [
        RegimeConfirmed(
            **ground.stamp(item)(1),
            **again,
            received=confirmed.received,
            extended=command.reason,
            extended_on=ground.today,
        )
    ]


def not_once_complete(item: Item, ground: DecisionContext) -> None:
    """Raises Refused if pieces are asked again for a file that was complete, except by a head.

    Such a request restarts the whole period of the implied decision (CRPA L114-5).
    """
    confirmed, regime = item.regime, _regime(item, ground)
    if confirmed is None or regime is None:
        return
    if not may_restart(regime, confirmed, item.pieces, ground.applied.site.zone, ground.now):
        return
    if not _chief(item, ground):
        raise Refused(
            f"The file of {item.chrono} was complete: asking for pieces again restarts the whole"
            " period, which only the head of the service may decide.",
            "file-once-complete",
            chrono=item.chrono,
        )


def runs_not(item: Item, ground: DecisionContext) -> bool:
    """Returns whether an item has a confirmed regime whose period does not run at this moment."""
    confirmed, regime = item.regime, _regime(item, ground)
    if confirmed is None or regime is None:
        return False
    zone = ground.applied.site.zone
    return isinstance(silence(regime, confirmed, item.pieces, zone, ground.now), NotRunning)


def _regime(item: Item, ground: DecisionContext) -> Regime | None:
    code = item.regime.regime if item.regime else None
    return ground.applied.site.regime.get(code or "")


def _chief(item: Item, ground: DecisionContext) -> bool:
    site = ground.applied.site
    service = site.service_now(item.service)
    chiefs = {site.identity.general_secretary}
    if service is not None:
        chiefs |= {service.head, service.director}
    return ground.leads or ground.who.id in chiefs
