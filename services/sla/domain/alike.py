"""What running clocks have alike: letters of one kind, received and given on the same days.

A plan is a pure function of facts and rules (docs/decisions/0003), and of the moments in the facts
a clock from the receipt heeds only the local day, whether that day's reminders had fallen, and
which of two came first. What is worked out for one letter therefore holds for the next of its kind
(docs/decisions/0165). A letter with any fact that says more is planned by itself.
"""

from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime

from services.sla.domain.history import ItemHistory
from services.sla.domain.rules import ClockRules, Rulebook
from shared.facts.items.acknowledgements import (
    AcknowledgementSent,
    HoldingReplySent,
    PersonTold,
    ReceiptSent,
)
from shared.facts.items.base import Classification, ItemFact
from shared.facts.items.closure import DecisionTaken, ItemClosed, ItemReopened, ItemTransferred
from shared.facts.items.corrections import (
    FactWithdrawn,
    ItemAbsorbed,
    ItemMergedInto,
    ReceiptCorrected,
)
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.replies import ReplyObserved, ReplySent
from shared.facts.items.routing import (
    ItemAssigned,
    ItemReclassified,
    RegimeConfirmed,
    ReminderAnswered,
    ReplyInSignature,
    SignatureReturned,
    WaitEnded,
    WaitStarted,
)
from shared.facts.vocabulary import ClockName, Waiting

FROM_RECEIPT = frozenset({ClockName.RECEIPT, ClockName.SERVICES_PUBLICS, ClockName.REPLY})
"""The clocks that can be alike: each counts from the receipt, and from nothing else."""

ONLY_STOP: frozenset[type[ItemFact]] = frozenset(
    {ReceiptSent, AcknowledgementSent, PersonTold, DecisionTaken}
)
"""Facts that stop clocks and move none: a clock that still runs is as if they were not."""

SAY_MORE: frozenset[type[ItemFact]] = frozenset(
    {
        ItemAbsorbed,
        ReceiptCorrected,
        RegimeConfirmed,
        PiecesRequested,
        PiecesReceived,
        HoldingReplySent,
        ItemTransferred,
        FactWithdrawn,
        ReminderAnswered,
        ReplyInSignature,
        SignatureReturned,
        ReplyObserved,
        ReplySent,
        ItemMergedInto,
        ItemClosed,
        ItemReopened,
    }
)
"""Facts whose moment or words change a clock: an item with one is like no other."""

LISTS = frozenset({Waiting.QUARANTINE, Waiting.TO_TRANSMIT})
"""The lists that a clock counts by; to wait in another one changes none."""
WAITS: frozenset[type[ItemFact]] = frozenset({WaitStarted, WaitEnded})


def likeness(known: ItemHistory, rulebook: Rulebook) -> Hashable | None:
    """Returns a key that is equal for items whose running FROM_RECEIPT clocks have equal plans.

    It holds under the last rules of the `rulebook` alone. `None`: the item has a fact of SAY_MORE,
    or one recorded before these rules were in effect or out of order: no other item is known to be
    like it.
    """
    rules, before = rulebook.last, rulebook.settled
    heeded, moments = list[Hashable](), list[datetime]()
    for fact in known.told:
        kind = type(fact)
        if kind in SAY_MORE:
            return None
        if (part := _PARTS.get(kind)) is None:
            continue
        if fact.recorded_at < before:
            return None
        before = fact.recorded_at
        if kind in WAITS:
            if isinstance(fact, WaitStarted | WaitEnded) and fact.waiting in LISTS:
                return None
            continue
        heeded.append(part(fact, rules))
        moments += (fact.happened_at, fact.recorded_at)
    placed = {
        moment: (place, *_placed(moment, rules))
        for place, moment in enumerate(sorted(set(moments)))
    }
    return (*heeded, *(placed[moment] for moment in moments))


def _placed(moment: datetime, rules: ClockRules) -> tuple[date, bool, bool]:
    """Its local day, and whether that day's reminders fell before it, or fall after it."""
    day = rules.day(moment)
    falls = rules.morning(day)
    return day, falls < moment, falls > moment


def _sorted(what: Classification) -> Hashable:
    return what.category, what.nature, what.priority, what.perimeter


def _registered(fact: ItemRegistered, rules: ClockRules) -> Hashable:
    timed = fact.imported or not rules.is_history(fact.receipt)
    day = rules.receipt_day(fact.receipt)
    kind = _sorted(fact.classification)
    return fact.seq, fact.channel, day, timed, kind, fact.service, fact.agent


def _assigned(fact: ItemAssigned, rules: ClockRules) -> Hashable:
    del rules
    return fact.seq, fact.service, fact.agent


def _reclassified(fact: ItemReclassified, rules: ClockRules) -> Hashable:
    del rules
    return fact.seq, _sorted(fact.classification)


def _waiting(fact: WaitStarted | WaitEnded, rules: ClockRules) -> Hashable:
    del rules
    return fact.seq


_PARTS: Mapping[type[ItemFact], Callable[..., Hashable]] = {
    ItemRegistered: _registered,
    ItemAssigned: _assigned,
    ItemReclassified: _reclassified,
    WaitStarted: _waiting,
    WaitEnded: _waiting,
}
"""What of each fact a clock from the receipt heeds beside its moments."""

HEEDED: frozenset[type[ItemFact]] = frozenset(_PARTS)
"""Facts that items which are alike may have; kinds that are named nowhere here move no clock."""
