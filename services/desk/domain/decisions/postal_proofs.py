"""Decisions about letters of ours that leave registered: their number, the avis that comes back.

Nothing here starts, stops or reopens a clock: what was promised was kept by sending.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.desk.domain.decisions.context import DecisionContext, still_there
from services.desk.domain.item import Item
from services.desk.domain.paper_letters import PaperLetter
from services.desk.domain.postal_numbers import parse_number
from shared.errors import Refused
from shared.facts.items import Items
from shared.facts.items.replies import (
    DeliveryNoticed,
    LetterReturned,
    RegisteredLetterSent,
    ReturnSettled,
)
from shared.facts.standing import standing
from shared.facts.vocabulary import ReturnReason


@dataclass(frozen=True, slots=True)
class RegisterLetter:
    """The command to record that a letter of ours left registered, under the post's number."""

    number: str
    letter: int | None = None
    """The `seq` of the fact that says that it left; `None`: the last one that has no number."""


@dataclass(frozen=True, slots=True)
class NoteDelivery:
    """The command to record what a returned avis de réception says of a registered letter."""

    day: date
    """Of the signature, else of the first presentation."""
    reason: ReturnReason | None = None
    """Why nobody signed; `None`: somebody did."""
    letter: int | None = None
    """The `seq` of the fact that says that it left; `None`: the last one without an avis."""


def number_of(typed: str) -> str:
    """Parses the number of a registered letter. Raises Refused when it is none."""
    number = parse_number(typed)
    if number is None:
        raise Refused(
            "That is no number of a registered letter: two signs, ten digits and a control digit"
            " (2C 123 456 7890 5), or the international form (RK 12 345 678 5 FR).",
            "registered-number",
        )
    return number


def register_letter(item: Item, command: RegisterLetter, ground: DecisionContext) -> list[Items]:
    """Decides to record a letter as registered: returns `RegisteredLetterSent`.

    Raises Refused when the number is none, no such letter left on paper, or it has a number.
    """
    still_there(item)
    number = number_of(command.number)
    letters = [letter for letter in item.letters if command.letter in {None, letter.seq}]
    if not letters:
        raise Refused(
            f"No such letter of {item.chrono} left on paper: key its departure first.",
            "no-letter-left",
            chrono=item.chrono,
        )
    bare = [letter for letter in letters if letter.number is None]
    if not bare:
        raise Refused(
            f"That letter of {item.chrono} has its number: undo that before giving another.",
            "registered-already",
            chrono=item.chrono,
        )
    letter = max(bare, key=lambda one: one.seq)
    return [number_fact(letter, number, item, ground, 1)]


def number_fact(
    letter: PaperLetter, number: str, item: Item, ground: DecisionContext, n: int
) -> RegisteredLetterSent:
    """Makes the fact that a letter left registered; `n`: which fact of its decision it is."""
    return RegisteredLetterSent(
        **ground.stamp(item)(n), letter=letter.event_id, kind=letter.kind, number=number
    )


def note_delivery(item: Item, command: NoteDelivery, ground: DecisionContext) -> list[Items]:
    """Decides to record a returned avis de réception: returns `DeliveryNoticed`.

    A letter that nobody took came back with it: `LetterReturned` as well, unless that is recorded.
    Raises Refused when no registered letter waits for its avis, or the day is not possible.
    """
    still_there(item)
    ground.moment_of(command.day)
    waiting = [
        letter
        for letter in item.letters
        if letter.number is not None
        and letter.delivery is None
        and command.letter in {None, letter.seq}
    ]
    if not waiting:
        raise Refused(
            f"No registered letter of {item.chrono} waits for its avis de réception.",
            "no-avis-awaited",
            chrono=item.chrono,
        )
    letter = max(waiting, key=lambda one: one.seq)
    left = letter.left_at.astimezone(ground.applied.site.zone).date()
    if command.day < left:
        raise Refused(
            f"That letter left on {left}: nobody signed for it before.",
            "returned-before-it-left",
            day=left,
        )
    stamp = ground.stamp(item)
    noticed: list[Items] = [
        DeliveryNoticed(
            **stamp(1),
            letter=letter.event_id,
            kind=letter.kind,
            number=letter.number or "",
            on=command.day,
            reason=command.reason,
        )
    ]
    if command.reason is None or letter.back:
        return noticed
    returned = LetterReturned(
        **stamp(2),
        letter=letter.event_id,
        kind=letter.kind,
        departure=letter.departure,
        reason=command.reason,
    )
    return [*noticed, returned]


def came_with_another(fact: Items, facts: Sequence[Items]) -> bool:
    """Whether a fact of the post was stated by the act that stated another one.

    A registered letter's number with its departure, its return with its avis de réception.
    """
    if isinstance(fact, LetterReturned):
        return any(_returned_with(said, fact) for said in facts)
    return isinstance(fact, RegisteredLetterSent) and any(
        sent.event_id == fact.letter and sent.recorded_at == fact.recorded_at for sent in facts
    )


def _returned_with(avis: Items, back: Items) -> bool:
    """Whether a letter's return was stated by the act that noted its avis de réception."""
    return (
        isinstance(avis, DeliveryNoticed)
        and isinstance(back, LetterReturned)
        and (avis.letter, avis.recorded_at, avis.by) == (back.letter, back.recorded_at, back.by)
    )


def post_facts_with(target: Items, facts: Sequence[Items]) -> Sequence[Items]:
    """Returns the facts of the post that are withdrawn with `target`, of those that stand.

    With a departure its number and avis de réception, with a number its avis, with an avis the
    return that it told, and what was done of that return.
    """
    of_number = isinstance(target, RegisteredLetterSent)
    letter = target.letter if isinstance(target, RegisteredLetterSent) else target.event_id
    stands = standing(facts)
    found = [
        fact
        for fact in stands
        if (
            isinstance(fact, DeliveryNoticed)
            or (isinstance(fact, RegisteredLetterSent) and not of_number)
        )
        and fact.letter == letter
    ]
    told = [target, *found]
    back = {fact.event_id for fact in stands if any(_returned_with(avis, fact) for avis in told)}
    return [
        *found,
        *(
            fact
            for fact in stands
            if fact.event_id in back or (isinstance(fact, ReturnSettled) and fact.returned in back)
        ),
    ]
