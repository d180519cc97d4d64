"""Day 0 and limit of each clock that an item can carry (docs/domain.md §5).

A promise is a clock without its stop: from which day it counts, until when, and the ladder that its
commitment carries. `None`: nothing is promised, the clock does not exist.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.sla.domain.commitments import commitment_for, earliest, limit_of
from services.sla.domain.history import ItemHistory
from services.sla.domain.holders import tenures
from services.sla.domain.rules import ClockRules
from services.sla.domain.waits import pieces
from shared.facts.authors import was_decided
from shared.facts.envelope import Receipt, ServiceId
from shared.facts.items.acknowledgements import HoldingReplySent
from shared.facts.items.base import Classification, ItemFact
from shared.facts.items.closure import ItemTransferred
from shared.facts.items.corrections import ItemAbsorbed, ReceiptCorrected
from shared.facts.items.pieces import PiecesRequested
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import ItemReclassified, RegimeConfirmed, WaitEnded, WaitStarted
from shared.facts.vocabulary import Channel, ClockName, Waiting
from shared.site.implied_decision import CountedPeriod, count_period
from shared.site.tables.commitments import Commitment, Step


@dataclass(frozen=True, slots=True)
class Promise:
    """The promise of one clock: day 0 and the limit, a local day kept until its 24:00."""

    commitment: str
    day_zero: date
    limit: date
    ladder_from: date
    steps: tuple[Step, ...]


def promise(clock: ClockName, known: ItemHistory, rules: ClockRules) -> Promise | None:
    """Computes day 0, limit and reminders of one clock; `None`: none applies.

    Raises BeyondCalendar.
    """
    return known.once(("promise", clock, rules), lambda: _PROMISES[clock](clock, known, rules))


def may_exist(clock: ClockName, known: ItemHistory) -> bool:
    """Whether an item has a fact without which a clock promises nothing, whatever the rules."""
    needs = _NEEDS.get(clock)
    return needs is None or not needs.isdisjoint(known.kinds)


def classification(known: ItemHistory) -> Classification | None:
    """Returns an item's classification: a person's last, or the registration's; or `None`."""
    reclassified, registered = known.last(ItemReclassified), known.last(ItemRegistered)
    if reclassified:
        return reclassified.classification
    return registered.classification if registered else None


def _messages(known: ItemHistory) -> Sequence[tuple[Receipt, Channel]]:
    """Receipt and channel of the item's own message, then of those it absorbed (CLOCKS, rule 9)."""
    return known.once("messages", lambda: _heard(known))


def _heard(known: ItemHistory) -> Sequence[tuple[Receipt, Channel]]:
    registered = known.last(ItemRegistered)
    if registered is None:
        return ()
    corrected = known.last(ReceiptCorrected)
    own = (corrected.receipt if corrected else registered.receipt, registered.channel)
    return [own, *((absorbed.receipt, absorbed.channel) for absorbed in known.every(ItemAbsorbed))]


def _is_timed(known: ItemHistory, rules: ClockRules) -> bool:
    """Items received before go-live have no clock; imported open ones do (CLOCKS, rule 4)."""
    registered = known.last(ItemRegistered)
    return registered is not None and (
        registered.imported or not rules.is_history(_messages(known)[0][0])
    )


def _from_receipt(clock: ClockName, known: ItemHistory, rules: ClockRules) -> Promise | None:
    """The earliest of the limits that each message would have; counted from the first (rule 9)."""
    case = known.once(("case", rules), lambda: _case(known, rules))
    found = earliest(clock, *case, rules) if case else None
    if case is None or found is None:
        return None
    limit, line = found
    return Promise(line.id, min(day for day, _ in case[0]), limit, limit, rules.steps(line))


def _case(
    known: ItemHistory, rules: ClockRules
) -> tuple[Sequence[tuple[date, Channel]], Classification, ServiceId] | None:
    """What a limit from the receipt depends on: local day and way of each message, sorting."""
    what = classification(known)
    if what is None or not _is_timed(known, rules):
        return None
    received = [(rules.receipt_day(receipt), channel) for receipt, channel in _messages(known)]
    return received, what, tenures(known, rules)[-1].holder.service


def _in_perimeter(clock: ClockName, known: ItemHistory, rules: ClockRules) -> Promise | None:
    """Qual-e-Pref and Services Publics+ promise only within the perimeter."""
    what = classification(known)
    return _from_receipt(clock, known, rules) if what and what.perimeter else None


def _acknowledgement(clock: ClockName, known: ItemHistory, rules: ClockRules) -> Promise | None:
    """CRPA R112-11-2, once a person said that it is a *demande*; counted from receipt (rule 19)."""
    return _from_receipt(clock, known, rules) if known.last(RegimeConfirmed) else None


def _transmission(clock: ClockName, known: ItemHistory, rules: ClockRules) -> Promise | None:
    """CRPA L114-2, from the transfer or from a person's word that it is to be done (rule 17)."""
    asked = _is_open(known, Waiting.TO_TRANSMIT)
    if not asked and not known.last(ItemTransferred):
        return None
    return _from_receipt(clock, known, rules)


def _holding(clock: ClockName, known: ItemHistory, rules: ClockRules) -> Promise | None:
    """The new date of the last holding reply; its rungs keep the first date (rules 2 and 3)."""
    replies = holding_replies(known, rules)
    line = _line(clock, known, rules)
    if not replies or line is None:
        return None
    first, last = replies[0], replies[-1]
    day_zero = rules.day(first.happened_at)
    return Promise(line.id, day_zero, last.until, first.until, rules.steps(line))


def holding_replies(known: ItemHistory, rules: ClockRules) -> Sequence[HoldingReplySent]:
    """Returns an item's holding replies that name a day after the limit (CLOCKS, rule 2)."""
    reply = promise(ClockName.REPLY, known, rules)
    if reply is None:
        return ()
    return [holding for holding in known.every(HoldingReplySent) if holding.until > reply.limit]


def _pieces(clock: ClockName, known: ItemHistory, rules: ClockRules) -> Promise | None:
    """The date that the agent set in the last request (CLOCKS, rule 13)."""
    request, line = known.last(PiecesRequested), _line(clock, known, rules)
    if request is None or line is None:
        return None
    asked = rules.day(request.happened_at)
    return Promise(line.id, asked, request.until, request.until, rules.steps(line))


def _registration(clock: ClockName, known: ItemHistory, rules: ClockRules) -> Promise | None:
    """What waits in quarantine, with the arrival's id for the item's (CLOCKS, rule 18)."""
    waiting = last_quarantine(known)
    lines = rules.commitments(clock)
    if waiting is None or not lines or known.last(ItemRegistered):
        return None
    day_zero = rules.day(waiting.happened_at)
    limit = limit_of(lines[0], day_zero, rules)
    return Promise(lines[0].id, day_zero, limit, limit, rules.steps(lines[0]))


def last_quarantine(known: ItemHistory) -> WaitStarted | None:
    """Returns the last fact that put the item into quarantine, or `None`."""
    every = [fact for fact in known.every(WaitStarted) if fact.waiting is Waiting.QUARANTINE]
    return every[-1] if every else None


def _implied(clock: ClockName, known: ItemHistory, rules: ClockRules) -> Promise | None:
    """CRPA L231-1 and following, as shared/site/implied_decision.py counts it (CLOCKS, rule 19)."""
    line, found = _line(clock, known, rules), implied_period(known, rules)
    if line is None or found is None:
        return None
    return Promise(line.id, found.day_zero, found.limit, found.limit, rules.steps(line))


def implied_period(known: ItemHistory, rules: ClockRules) -> CountedPeriod | None:
    """Computes an item's period of implied decision; `None`: no period runs."""
    confirmed = known.last(RegimeConfirmed)
    regime = rules.applied.site.regime.get(confirmed.regime or "") if confirmed else None
    if confirmed is None or regime is None:
        return None
    found = count_period(regime, confirmed, pieces(known), rules.applied.site.zone)
    return found if isinstance(found, CountedPeriod) else None


def _line(clock: ClockName, known: ItemHistory, rules: ClockRules) -> Commitment | None:
    """The commitment of a clock whose limit somebody gave, for the item's own message."""
    what, registered = classification(known), known.last(ItemRegistered)
    if what is None or registered is None or not _is_timed(known, rules):
        return None
    service = tenures(known, rules)[-1].holder.service
    return commitment_for(clock, registered.channel, what, service, rules)


def _is_open(known: ItemHistory, waiting: Waiting) -> bool:
    """Whether it waits in a list into which a person or a program put it."""
    started = [fact for fact in known.every(WaitStarted) if fact.waiting is waiting]
    ended = [fact.seq for fact in known.every(WaitEnded) if fact.waiting is waiting]
    by_hand = bool(started) and was_decided(started[-1].by)
    return by_hand and max(ended, default=-1) < started[-1].seq


_NEEDS: Mapping[ClockName, frozenset[type[ItemFact]]] = {
    ClockName.REGISTRATION: frozenset({WaitStarted}),
    ClockName.ACKNOWLEDGEMENT: frozenset({RegimeConfirmed}),
    ClockName.IMPLIED_DECISION: frozenset({RegimeConfirmed}),
    ClockName.HOLDING: frozenset({HoldingReplySent}),
    ClockName.PIECES: frozenset({PiecesRequested}),
    ClockName.TRANSMISSION: frozenset((ItemTransferred, WaitStarted)),
}
"""Facts of which a clock needs one; the others need none."""

_PROMISES: Mapping[ClockName, Callable[[ClockName, ItemHistory, ClockRules], Promise | None]] = {
    ClockName.REGISTRATION: _registration,
    ClockName.RECEIPT: _in_perimeter,
    ClockName.SERVICES_PUBLICS: _in_perimeter,
    ClockName.ACKNOWLEDGEMENT: _acknowledgement,
    ClockName.REPLY: _in_perimeter,
    ClockName.IMPLIED_DECISION: _implied,
    ClockName.HOLDING: _holding,
    ClockName.PIECES: _pieces,
    ClockName.TRANSMISSION: _transmission,
}
