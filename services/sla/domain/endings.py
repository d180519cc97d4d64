"""What stops each clock, and the two figures of a stop (rules 7, 11, 12, 13, 17 and 20).

Whatever happened first stops the clock, ties by `seq`; a merge prevails over all, and everything
over a closing. The raw delay deducts nothing, the net one the time waiting for pieces.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.sla.domain.history import ItemHistory
from services.sla.domain.promises import Promise, last_quarantine, promise
from services.sla.domain.rules import ClockRules, Rulebook
from services.sla.domain.waits import days_waited, reception, waits
from shared.facts.clocks import Outcome
from shared.facts.items.acknowledgements import AcknowledgementSent, PersonTold, ReceiptSent
from shared.facts.items.base import ItemFact
from shared.facts.items.closure import DecisionTaken, ItemClosed, ItemReopened, ItemTransferred
from shared.facts.items.corrections import ItemMergedInto
from shared.facts.items.pieces import PiecesRequested
from shared.facts.items.replies import ReplySent
from shared.facts.items.routing import RegimeConfirmed, WaitEnded
from shared.facts.vocabulary import ClockName, Waiting

KEPT_OR_LATE = Outcome.KEPT
"""The outcome of every fulfilment until it is compared with the limit."""

MEETS: Mapping[ClockName, tuple[type[ItemFact], ...]] = {
    ClockName.RECEIPT: (ReceiptSent,),
    ClockName.SERVICES_PUBLICS: (ReceiptSent, AcknowledgementSent, ReplySent),
    ClockName.ACKNOWLEDGEMENT: (AcknowledgementSent,),
    ClockName.REPLY: (ReplySent,),
    ClockName.HOLDING: (ReplySent,),
}
"""The facts of which the first fulfils the promise; the other clocks have a rule of their own."""

OVERTAKEN = frozenset({ClockName.RECEIPT, ClockName.ACKNOWLEDGEMENT, ClockName.PIECES})
"""Moot once replied (rule 20)."""

PASSED_ON = frozenset(
    {ClockName.REPLY, ClockName.HOLDING, ClockName.ACKNOWLEDGEMENT, ClockName.PIECES}
)
"""Another office's once transferred (rule 17; CRPA L114-4 for the acknowledgement)."""

IN_JOURS_OUVRES = frozenset(
    {
        ClockName.REGISTRATION,
        ClockName.RECEIPT,
        ClockName.ACKNOWLEDGEMENT,
        ClockName.REPLY,
        ClockName.TRANSMISSION,
    }
)
"""The clocks whose delay means something in jours ouvrés."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The fact that stops a clock: outcome, moment, and when it was recorded."""

    outcome: Outcome
    at: datetime
    recorded: datetime
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The stop of a clock at the moment `at`: its outcome, perhaps delays in jours ouvrés."""

    outcome: Outcome
    at: datetime
    why: str
    raw: int | None = None
    net: int | None = None

    def by(self, moment: datetime) -> bool:
        """Whether the clock has stopped by this moment."""
        return self.outcome is not Outcome.BORN or self.at <= moment


ENDS = frozenset(kind for met in MEETS.values() for kind in met) | {
    ItemTransferred,
    PiecesRequested,
    WaitEnded,
    ItemMergedInto,
    ItemClosed,
}
"""The facts without all of which no clock has ended."""


def ending(clock: ClockName, known: ItemHistory) -> Ending | None:
    """Finds the fact that stops a clock of an item; `None` while the clock runs."""
    if known.kinds.isdisjoint(ENDS):
        return None
    return known.once(("ending", clock), lambda: _ending(clock, known))


def _ending(clock: ClockName, known: ItemHistory) -> Ending | None:
    if merged := known.last(ItemMergedInto):
        return _by(merged, Outcome.MERGED)
    first = min(_candidates(clock, known), key=lambda one: (one.at, one.seq), default=None)
    if first or clock is ClockName.IMPLIED_DECISION:
        return first
    closed = known.last(ItemClosed)
    reopened = known.last(ItemReopened)
    if closed and (reopened is None or reopened.seq < closed.seq):
        return _by(closed, Outcome.CLOSED)
    return None


def _candidates(clock: ClockName, known: ItemHistory) -> Iterator[Ending]:
    for kind in MEETS.get(clock, ()):
        if met := known.earliest(kind):
            yield _by(met, KEPT_OR_LATE)
    if clock in OVERTAKEN and (reply := known.earliest(ReplySent)):
        yield _by(reply, Outcome.MOOT)
    transferred = known.earliest(ItemTransferred)
    if clock in PASSED_ON and transferred:
        yield _by(transferred, Outcome.TRANSFERRED)
    told = known.earliest(PersonTold)
    if clock is ClockName.TRANSMISSION and transferred and told:
        yield _by(max(transferred, told, key=lambda fact: fact.happened_at), KEPT_OR_LATE)
    request = known.last(PiecesRequested)
    if clock is ClockName.PIECES and request and (received := reception(request, known)):
        yield _by(received, KEPT_OR_LATE)
    if clock is ClockName.REGISTRATION and (waiting := last_quarantine(known)):
        for ended in known.every(WaitEnded):
            if ended.waiting is Waiting.QUARANTINE and ended.seq > waiting.seq:
                yield _by(ended, KEPT_OR_LATE)


def _by(fact: ItemFact, outcome: Outcome) -> Ending:
    return Ending(outcome, fact.happened_at, fact.recorded_at, fact.seq, fact.type)


def stop(
    clock: ClockName, one: Ending, made: Promise, known: ItemHistory, rules: ClockRules
) -> Stop:
    """Computes a clock's outcome and delays, by the rules at its stop (CLOCKS, rule 14)."""
    if one.outcome is not KEPT_OR_LATE:
        return Stop(one.outcome, one.at, one.why)
    ended = rules.day(one.at)
    outcome = Outcome.KEPT if ended <= made.limit else Outcome.LATE
    if clock not in IN_JOURS_OUVRES:
        return Stop(outcome, one.at, one.why)
    raw, net = figures(made.day_zero, ended, known, rules)
    return Stop(outcome, one.at, one.why, raw, net if clock is ClockName.REPLY else raw)


def figures(day_zero: date, ended: date, known: ItemHistory, rules: ClockRules) -> tuple[int, int]:
    """Computes the raw and net delay in jours ouvrés, from day 0 to the local day of the stop.

    A stop on a day that is not worked counts as the next jour ouvré, so that raw ≤ n exactly when
    it was kept; one before the receipt is an anomaly of raw 0 (CLOCKS, rule 12). Net ≥ 0 (CLOCKS,
    rule 13).
    """
    if ended < day_zero:
        return 0, 0
    counted = ended if ended == day_zero else rules.calendar.first_worked_not_before(ended)
    raw = rules.calendar.between(day_zero, counted)
    return raw, max(0, raw - days_waited(waits(known, rules), day_zero, counted, rules))


def implied_stop(
    known: ItemHistory, rulebook: Rulebook
) -> tuple[Promise, ClockRules, Stop | None] | None:
    """Computes the clock of an implied decision (CLOCKS, rule 19): its limit, rules and stop.

    A decision of a day not after the limit stops it, and a merge before its end. Otherwise the
    implied decision is born at 24:00 of the limit, by the rules then in effect, and nothing
    that happens afterwards changes that. `None`: no regime is confirmed, or no rules give this
    clock a limit.
    """
    clock, confirmed = ClockName.IMPLIED_DECISION, known.last(RegimeConfirmed)
    if confirmed is None:
        return None
    merged = ending(clock, known)
    decided = min(known.every(DecisionTaken), key=lambda fact: (fact.day, fact.seq), default=None)
    for rules, replaced in rulebook.reigns(confirmed.recorded_at):
        made = promise(clock, known, rules)
        if made is None:
            continue
        born = rules.end(made.limit)
        settled = _within(born, replaced)
        if merged and merged.at < born and (settled or _within(merged.recorded, replaced)):
            return made, rules, Stop(merged.outcome, merged.at, merged.why)
        if (
            decided
            and decided.day <= made.limit
            and (settled or _within(decided.recorded_at, replaced))
        ):
            taken = min(decided.happened_at, rules.end(decided.day))
            return made, rules, Stop(Outcome.KEPT, taken, decided.type)
        if settled:
            return made, rules, Stop(Outcome.BORN, born, "limit")
    return None


def _within(moment: datetime, replaced: datetime | None) -> bool:
    return replaced is None or moment < replaced
