"""Letters of ours on paper: what an item knows of their post and return after one more fact."""

from collections.abc import Callable

from services.desk.domain.item import Item
from services.desk.domain.paper_letters import PaperLetter, kind_of, letter_of
from shared.facts.envelope import EventId
from shared.facts.items import Items
from shared.facts.items.replies import (
    DeliveryNoticed,
    LetterReturned,
    RegisteredLetterSent,
    ReturnSettled,
)
from shared.facts.vocabulary import NoticeKind, Settled
from shared.replacement import replace


def after(item: Item, fact: Items) -> Item:
    """Returns the item with its returned letters updated by one more fact."""
    match fact:
        case LetterReturned():
            item = _with(item, fact.letter, lambda left: replace(left, back=True))
            return replace(item, returned=(*item.returned, fact))
        case RegisteredLetterSent():
            return _with(item, fact.letter, lambda left: replace(left, number=fact.number))
        case DeliveryNoticed():
            return _with(item, fact.letter, lambda left: replace(left, delivery=fact))
        case ReturnSettled():
            return _settled(item, fact)
        case _:
            return _sent(item, fact)


def _settled(item: Item, fact: ReturnSettled) -> Item:
    if fact.kind is NoticeKind.COPY:
        return replace(item, copies_settled=item.copies_settled | {fact.returned})
    if fact.outcome is Settled.ADDRESS_CORRECTED:
        return replace(item, readdressed=item.readdressed | {fact.returned})
    left = tuple(returned for returned in item.returned if returned.event_id != fact.returned)
    return replace(item, returned=left)


def _with(item: Item, letter: EventId, change: Callable[[PaperLetter], PaperLetter]) -> Item:
    """The item with one of its paper letters changed."""
    letters = tuple(change(left) if left.event_id == letter else left for left in item.letters)
    return replace(item, letters=letters)


def _sent(item: Item, fact: Items) -> Item:
    kind = kind_of(fact)
    if kind is None:
        return item
    # What left before, and is only scanned now, is not the letter that went out again.
    still = tuple(
        returned
        for returned in item.returned
        if returned.kind is not kind or fact.happened_at < returned.happened_at
    )
    letter = letter_of(fact, kind)
    if letter is None and still == item.returned:
        return item
    letters = item.letters if letter is None else (*item.letters, letter)
    return replace(item, returned=still, letters=letters)
