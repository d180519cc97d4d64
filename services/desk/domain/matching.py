"""Which item a message belongs to: certain, proposed, or none (docs/domain.md §10, 9 to 12).

A machine joins only what a token or a reference proves, from the same correspondent, in a thread
that still waits for its answer. All else gets an item of its own, linked for a person to judge.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.desk.domain.readership import Readership
from shared.facts.arrival_base import LikenessThread, ThreadCandidate, chronos_named, messages_named
from shared.facts.arrivals import JudgedArrival
from shared.facts.envelope import Chrono, Digest, ItemId
from shared.facts.vocabulary import Authentication, SenderKind


class LinkReason(StrEnum):
    """The reason why a new item is linked to another one without being merged with it."""

    ENDED_THREAD = "ended_thread"
    """Continues an answered or closed thread: thanks, chaser, pieces or a new demand?"""
    OTHER_SENDER = "other_sender"
    LIKENESS = "likeness"
    CAME_FIRST = "came_first"
    """Names a message that was registered after it."""
    SAME_LABEL = "same_label"
    """Bears a sticker that was scanned before: a copy, a mistake, or the same paper again."""
    OUR_CODE = "our_code"
    CITED_NUMBER = "cited_number"


@dataclass(frozen=True, slots=True)
class Target:
    """An item to which an arrival may belong, with the fields that matching needs."""

    item_id: ItemId
    correspondent: Digest | None
    ended: bool
    readership: Readership | None = None
    """`None`: it is normal, and read where it is handled."""
    thirds: frozenset[Digest] = frozenset()  # our mails to the third party that it waits for


@dataclass(frozen=True, slots=True)
class Threads:
    """An index of items by chrono, message and subject; a merged item stands as its survivor."""

    chronos: Mapping[Chrono, Target]
    messages: dict[Digest, Target]
    likeness: Mapping[tuple[Digest, Digest], Target]
    """By correspondent and bare subject, the latest."""

    def certain(self, candidates: Sequence[ThreadCandidate]) -> Target | None:
        """Returns the item proven by an email's reply token or a known reference, or `None`."""
        tokens = (self.chronos.get(chrono) for chrono in chronos_named(candidates))
        references = (self.messages.get(message) for message in messages_named(candidates))
        return next((target for target in (*tokens, *references) if target is not None), None)

    def alike(self, arrival: JudgedArrival) -> Target | None:
        """Returns the latest item with the correspondent and subject of an arrival, or `None`."""
        found = (self.likeness.get(pair) for pair in likenesses([arrival]))
        return next((target for target in found if target is not None), None)


def likenesses(arrivals: Iterable[JudgedArrival]) -> list[tuple[Digest, Digest]]:
    """Returns sender and subject (without « Re: ») of the arrivals that have both, as digests."""
    return [
        (arrival.correspondent, thread.subject)
        for arrival in arrivals
        for thread in arrival.threads
        if isinstance(thread, LikenessThread) and arrival.correspondent is not None
    ]


class Says(StrEnum):
    """The meanings of a message that joins an item: written again, our own answer, or nothing."""

    AGAIN = "again"
    """The sender wrote again."""
    ANSWER = "answer"
    """Our own service answered: its reply reached another of our mailboxes in copy."""
    THIRD = "third"  # the third party for whom it waits answered our mail to them
    NOTHING = "nothing"
    """Our own service, of an item that has ended."""


@dataclass(frozen=True, slots=True)
class Joins:
    """The result of matching an arrival that is a message of an existing item."""

    item_id: ItemId
    says: Says = Says.AGAIN


@dataclass(frozen=True, slots=True)
class NoMatch:
    """The result of matching an arrival that opens a new item, perhaps linked to another."""

    linked: ItemId | None = None
    why: LinkReason | None = None
    answered: bool = False
    """Whether the linked item had been answered or closed."""
    readership: Readership | None = None
    """Of the item whose thread it proves, which nobody else may read."""


def place(arrival: JudgedArrival, threads: Threads) -> Joins | NoMatch:
    """Decides which item an arrival belongs to (matching by thread), or that it opens a new one."""
    target = threads.certain(arrival.threads)
    if target is None:
        alike = threads.alike(arrival)
        return NoMatch(alike.item_id, LinkReason.LIKENESS, alike.ended) if alike else NoMatch()
    ours, third = _speaks_for_us(arrival), _answers_third(arrival, target)
    if ours and not third:  # by our number alone it may be a third party's, of our own domain
        named = threads.messages.keys() & set(messages_named(arrival.threads))
        answer = Says.ANSWER if named or not target.thirds else Says.AGAIN
        return Joins(target.item_id, Says.NOTHING if target.ended else answer)
    if target.ended:
        return NoMatch(target.item_id, LinkReason.ENDED_THREAD, target.ended, target.readership)
    other = target.correspondent != arrival.correspondent
    if other and third:  # of our own domain: it may be theirs, or a colleague's who wrote to them
        return Joins(target.item_id, Says.AGAIN if ours else Says.THIRD)
    if other and None not in (target.correspondent, arrival.correspondent):
        return NoMatch(target.item_id, LinkReason.OTHER_SENDER, readership=target.readership)
    return Joins(target.item_id)


def _answers_third(arrival: JudgedArrival, target: Target) -> bool:
    """Whether a person answers our mail to the third party: nobody else was told its Message-ID."""
    named = target.thirds.intersection(messages_named(arrival.threads))
    return arrival.automatic is None and bool(named)


def _speaks_for_us(arrival: JudgedArrival) -> bool:
    """Whether one of ours wrote it: anybody can put our address in From, so it must be proven."""
    ours = arrival.routing.sender_kind is SenderKind.INTERNAL
    return ours and arrival.automatic is None and arrival.authentication is Authentication.PASS
