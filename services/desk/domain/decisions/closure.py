"""Decisions that end, reopen, answer a reminder, and take back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.desk.domain.decisions.context import DecisionContext, not_ended, still_there
from services.desk.domain.decisions.postal_proofs import came_with_another, post_facts_with
from services.desk.domain.decisions.second import past_limit
from services.desk.domain.fold import fold
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.authors import was_decided
from shared.facts.envelope import ItemId, Weight
from shared.facts.items import Items
from shared.facts.items.closure import ItemClosed, ItemReopened
from shared.facts.items.corrections import FactWithdrawn, ItemAbsorbed, ItemMergedInto
from shared.facts.items.registration import SenderWroteAgain
from shared.facts.items.retention import LegalHoldPlaced
from shared.facts.items.routing import (
    ItemReclassified,
    NoteWritten,
    ReminderAnswered,
    WaitEnded,
    WaitStarted,
)
from shared.facts.standing import withdrawn
from shared.facts.vocabulary import ClockName, Waiting

OWED = frozenset({Waiting.TO_QUALIFY, Waiting.RECEIPT_TO_CONFIRM, Waiting.TO_TRANSMIT})
"""Tasks that a person must decide; whether a notice waits, notify says."""
LATEST_DAYS = 10
"""Jours ouvrés after the limit: later is a holding reply (CLOCKS, rule 8)."""


@dataclass(frozen=True, slots=True)
class Close:
    """The command to close an item; if it has no reply, `reason` says to an auditor why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """The command to reopen a closed item, with a reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class AnswerReminder:
    """The command to answer a deadline reminder: why it is late, and by when it will be done."""

    clock: ClockName
    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class Undo:
    """The command to withdraw a statement about an item: the last one, or the fact number `seq`."""

    reason: str
    seq: int | None = None


def close(item: Item, command: Close, ground: DecisionContext) -> list[Items]:
    """Decides to close an item: returns `ItemClosed` and the end of all that it waits for.

    Raises Refused if it is closed already.
    """
    still_there(item)
    if item.closed is not None and not item.returned:
        raise Refused(
            f"{item.chrono} is closed already ({item.closed}).",
            "closed-already",
            chrono=item.chrono,
            reason=item.closed,
        )
    stamp = ground.stamp(item)
    return [
        *(
            WaitEnded(**stamp(n), waiting=waiting)
            for n, waiting in enumerate(sorted(item.waits), start=1)
        ),
        ItemClosed(**stamp(len(item.waits) + 1), reason=command.reason),
    ]


def reopen(item: Item, command: Reopen, ground: DecisionContext) -> list[Items]:
    """Decides to reopen a closed item: returns `ItemReopened`. Raises Refused."""
    still_there(item)
    if item.closed is None:
        raise Refused(
            f"{item.chrono} is not closed: nothing to reopen.", "not-closed", chrono=item.chrono
        )
    return [ItemReopened(**ground.stamp(item)(1), reason=command.reason)]


def answer_reminder(item: Item, command: AnswerReminder, ground: DecisionContext) -> list[Items]:
    """Decides to answer a deadline reminder: returns `ReminderAnswered`.

    Only somebody of the holding service or the signatory may. Raises Refused.
    """
    not_ended(item)
    clock = ground.clocks.get(command.clock)
    if clock is None or not clock.runs or not clock.rungs:
        raise Refused(
            f"No reminder of clock {command.clock} stands for {item.chrono}.",
            "no-reminder",
            chrono=item.chrono,
        )
    if ground.who.id != item.signatory:
        ground.of_service(ground.service(item.service))
    until = ground.worked_day(command.until, "the date of an answer")
    latest = ground.applied.days.add(clock.limit, LATEST_DAYS)
    if until > latest:
        raise Refused(
            f"{until} is more than {LATEST_DAYS} jours ouvrés after the limit ({clock.limit}):"
            " tell the sender, by a holding reply.",
            "answer-too-far",
            until=until,
            days=LATEST_DAYS,
            limit=clock.limit,
        )
    return [
        ReminderAnswered(
            **ground.stamp(item)(1), clock=command.clock, reason=command.reason, until=until
        )
    ]


def target_of(item: Item, facts: Sequence[Items], command: Undo) -> Items:
    """Returns the fact that an undo command withdraws: the one named, else the last one decided.

    By a person, or by a program in their stead; a note, which decides nothing, only where it is
    named, and so what one act stated with another fact: a registered letter's number with its
    departure, its return with its avis de réception.

    Raises Refused if there is none, or if it is an event in the world, not a statement.
    """
    taken_back = withdrawn(facts)
    if command.seq is None:
        statements = [
            fact
            for fact in facts
            if fact.weight is Weight.STATEMENT
            and fact.event_id not in taken_back
            and was_decided(fact.by)
            and not isinstance(fact, NoteWritten)
            and not came_with_another(fact, facts)
        ]
        if not statements:
            raise Refused(
                f"Nobody said anything of {item.chrono} that can be taken back.",
                "nothing-to-undo",
                chrono=item.chrono,
            )
        return max(statements, key=lambda fact: fact.seq)
    named = next((fact for fact in facts if fact.seq == command.seq), None)
    if named is None:
        raise Refused(
            f"{item.chrono} has no fact {command.seq}: `desk show` numbers them.",
            "no-such-fact",
            chrono=item.chrono,
        )
    if named.event_id in taken_back:
        raise Refused(
            f"Fact {command.seq} ({named.type}) was taken back already.", "undone-already"
        )
    if named.weight is Weight.EVENT:
        raise Refused(
            f"Fact {command.seq} ({named.type}) happened: it stays. Say what is right by another"
            " decision.",
            "it-happened",
        )
    if isinstance(named, SenderWroteAgain):
        raise Refused(
            f"Fact {command.seq} is a message: split it off, it must not be lost.", "message-stays"
        )
    return named


def undo(item: Item, facts: Sequence[Items], command: Undo, ground: DecisionContext) -> list[Items]:
    """Decides to undo a statement about an item: returns `FactWithdrawn`.

    A wait that a merger or a closing had ended starts again: an item that nobody had qualified is
    to be qualified. The number of a registered letter goes with its departure, its avis de
    réception with its number, and the return that the avis told, with what was done of it, with
    the avis. Raises Refused.
    """
    target = target_of(item, facts, command)
    if isinstance(target, ItemAbsorbed):
        raise Refused(
            f"Another item was merged into {item.chrono}: undo it on that one.",
            "undo-there",
            chrono=item.chrono,
        )
    if not isinstance(target, ItemMergedInto):
        still_there(item)
    if isinstance(target, LegalHoldPlaced):
        raise Refused(
            f"A legal hold on {item.chrono} is lifted by two persons, never undone by one.",
            "hold-by-two",
            chrono=item.chrono,
        )
    stamp, taken = ground.stamp(item), withdrawal(item, target, command.reason, ground)
    leaves = (
        isinstance(target, ItemReclassified)
        and item.classification.perimeter
        and not fold([*facts, taken]).classification.perimeter
    )
    if leaves and past_limit(ground):
        raise Refused(
            f"The limit of {item.chrono} has passed: the quality officer puts it out of the"
            " perimeter with a second person, on the page of its proof.",
            "after-the-limit",
            chrono=item.chrono,
        )
    return [
        taken,
        *(
            WaitStarted(**stamp(n), waiting=wait.waiting, service=wait.service)
            for n, wait in enumerate(_waits_ended_by(target, item, facts), start=2)
        ),
        *(
            FactWithdrawn(
                **stamp(n), fact=said.event_id, fact_type=said.type, reason=command.reason
            )
            for n, said in enumerate(post_facts_with(target, facts), start=2)
        ),
    ]


def _waits_ended_by(target: Items, item: Item, facts: Sequence[Items]) -> Sequence[WaitStarted]:
    """As each began: what persons owed until that decision, and do not owe already."""
    if not isinstance(target, ItemMergedInto | ItemClosed):
        return ()
    found = list[WaitStarted]()
    before = sorted((fact for fact in facts if fact.seq < target.seq), key=lambda fact: -fact.seq)
    for fact in before:
        if not isinstance(fact, WaitEnded) or fact.recorded_at != target.recorded_at:
            break
        if fact.waiting in OWED and fact.waiting not in item.waits:
            found.append(_began(fact.waiting, before))
    return found


def _began(waiting: Waiting, newest_first: Sequence[Items]) -> WaitStarted:
    return next(
        fact for fact in newest_first if isinstance(fact, WaitStarted) and fact.waiting is waiting
    )


def withdrawal(item: Item, target: Items, reason: str, ground: DecisionContext) -> FactWithdrawn:
    """Returns the `FactWithdrawn` that withdraws the fact `target` of an item."""
    return FactWithdrawn(
        **ground.stamp(item)(1), fact=target.event_id, fact_type=target.type, reason=reason
    )


def with_it(item: Item, facts: Sequence[Items], command: Undo) -> Sequence[ItemId]:
    """Returns the id of the other item that an undo changes: the survivor of an undone merger.

    Empty if only one item is changed. Raises Refused.
    """
    target = target_of(item, facts, command)
    return [target.survivor] if isinstance(target, ItemMergedInto) else []
