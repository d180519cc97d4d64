"""What *Cheminement* reads of an item beside its facts (sql/0273), made again from the facts.

By another way than the SQL that keeps it, so that each checks the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.facts.items import Items
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.replies import ReplySent
from shared.facts.items.routing import ItemAssigned, WaitEnded
from shared.facts.standing import standing
from shared.facts.vocabulary import Waiting


@dataclass(frozen=True, slots=True)
class History:
    """The part of an item's past that reports need: a reassignment, and the proof of its reply.

    Computed from the item's facts up to number `seq`.
    """

    seq: int
    reassigned: bool
    proof: str | None


def history_of(facts: Sequence[Items]) -> History:
    """Computes an item's history from all its facts, in order of `seq`."""
    stands = standing(facts)
    replies = [fact for fact in stands if isinstance(fact, ReplySent)]
    first = min(replies, key=lambda fact: (fact.happened_at, fact.seq), default=None)
    return History(facts[-1].seq, any(_moves(stands)), None if first is None else first.proof.value)


def _moves(stands: Sequence[Items]) -> Iterator[bool]:
    """Of each assignment once the item was qualified, whether it is to another service."""
    qualified, service = False, None
    for fact in stands:
        match fact:
            case ItemRegistered() | ItemAssigned():
                yield qualified and fact.service != service
                service = fact.service
                qualified = qualified or (isinstance(fact, ItemRegistered) and fact.qualified)
            case WaitEnded(waiting=Waiting.TO_QUALIFY):
                qualified = True
            case _:
                pass


def history_differences(
    should: History, kept: History | None
) -> Iterator[tuple[str, object, object]]:
    """Yields what differs between an item's stored history and its facts.

    Each with its name, the expected and the found value. A history that is not stored yet, or that
    has fewer facts than the item, is no difference: reports then read the facts. One that has more
    facts than the item is a difference, since nothing would ever store it anew.
    """
    if kept is None or kept.seq < should.seq:
        return
    for name in ("seq", "reassigned", "proof"):
        given, stands = getattr(should, name), getattr(kept, name)
        if given != stands:
            yield f"history {name}", given, stands
