"""Every arrival ends as exactly one word (DESIGN, law 1): the judgement of a batch, in order."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from services.desk.domain.days import instant_of
from services.desk.domain.matching import Joins, LinkReason, Target, Threads, place
from services.desk.domain.paper_matching import proposed_by_paper
from services.desk.domain.readership import Readership
from shared.facts import ids
from shared.facts.arrivals import Enter, JudgedArrival, Probe, Quarantine, SetAside
from shared.facts.envelope import ArrivalId, Digest, ItemId
from shared.site.tables.bundle import AppliedSite


class Disposition(StrEnum):
    """The word under which an arrival is filed: item, message, copy, quarantine …; exactly one."""

    ITEM = "item"
    MESSAGE = "message"
    COPY = "copy"
    DEPARTURE = "departure"
    BOUNCE = "bounce"
    HISTORY = "history"
    SET_ASIDE = "set_aside"
    QUARANTINE = "quarantine"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Opens:
    """The outcome of an arrival that opens a new item, perhaps linked to an older one."""

    item_id: ItemId
    linked: ItemId | None = None
    why: LinkReason | None = None
    answered: bool = False
    """Whether the linked item had been answered or closed."""
    readership: Readership | None = None
    """Of the réservé item whose thread it continues."""

    @property
    def doubtful(self) -> bool:
        """Whether a person must qualify the new item, which may belong to an older one."""
        return self.why in {LinkReason.ENDED_THREAD, LinkReason.SAME_LABEL, LinkReason.OUR_CODE}


@dataclass(frozen=True, slots=True)
class CopyOf:
    """The outcome of an arrival that is a copy of an earlier one of this item."""

    item_id: ItemId


@dataclass(frozen=True, slots=True)
class StoredDisposition:
    """The outcome of an arrival of which no item is made (quarantine, set aside …)."""

    word: Disposition
    reason: str | None = None


ArrivalOutcome = Opens | Joins | CopyOf | StoredDisposition


def word_of(outcome: ArrivalOutcome) -> Disposition:
    """Returns the disposition (item, message, copy …) that an outcome stands for."""
    match outcome:
        case Opens():
            return Disposition.ITEM
        case Joins():
            return Disposition.MESSAGE
        case CopyOf():
            return Disposition.COPY
        case StoredDisposition(word):
            return word
        case _:
            assert_never(outcome)


@dataclass(frozen=True, slots=True)
class KnownArrival:
    """An arrival that the register has filed already, with its disposition."""

    revision: int
    word: Disposition
    item_id: ItemId | None = None

    def at(self, revision: int) -> "KnownArrival":
        """Returns the filed arrival with a later revision number; nothing else of it changes."""
        return replace(self, revision=revision)

    def reread(self, arrival: JudgedArrival) -> bool:
        """Returns whether `arrival` is a later reading of this one, in quarantine or set aside."""
        return arrival.revision > self.revision and self.word in {
            Disposition.QUARANTINE,
            Disposition.SET_ASIDE,
        }


@dataclass(frozen=True, slots=True)
class MatchContext:
    """The look-up tables by which a batch of arrivals is matched with items."""

    arrivals: dict[ArrivalId, KnownArrival]
    fingerprints: dict[Digest, ItemId]
    labels: dict[str, ItemId]
    """Stickers bound to an item."""
    threads: Threads
    scanned: set[str] = field(default_factory=set)
    """Stickers that a paper bore already: the next such paper is no certain part of the item."""

    def to_grow(self) -> "MatchContext":
        """Returns a copy of the look-up tables to which arrivals can be added."""
        return MatchContext(
            dict(self.arrivals),
            dict(self.fingerprints),
            dict(self.labels),
            replace(self.threads, messages=dict(self.threads.messages)),
            set(self.scanned),
        )

    def learn(self, arrival: JudgedArrival, outcome: ArrivalOutcome) -> None:
        """Adds an arrival and its outcome to the look-up tables, for the next ones of the batch."""
        item_id = None if isinstance(outcome, StoredDisposition) else outcome.item_id
        word = word_of(outcome)
        self.arrivals[arrival.arrival_id] = KnownArrival(arrival.revision, word, item_id)
        if item_id is not None:
            self.fingerprints.setdefault(arrival.fingerprint, item_id)
        if isinstance(outcome, Opens | Joins) and arrival.label:
            self.scanned.add(arrival.label)
        if isinstance(outcome, Opens):
            if arrival.label:
                self.labels.setdefault(arrival.label, outcome.item_id)
            if arrival.message is not None:
                target = Target(
                    outcome.item_id,
                    arrival.correspondent,
                    ended=False,
                    readership=outcome.readership,
                )
                self.threads.messages.setdefault(arrival.message, target)


def judge(
    batch: Sequence[JudgedArrival], known: MatchContext, applied: AppliedSite
) -> Sequence[tuple[JudgedArrival, ArrivalOutcome]]:
    """Decides the outcome (new item, message, copy …) of each arrival, in the order of receipt.

    So a copy or a chaser finds what came before it. Known ones are left out, unless read again.
    """
    zone = applied.site.zone
    known = known.to_grow()
    judged: dict[ArrivalId, tuple[JudgedArrival, ArrivalOutcome]] = {}
    for arrival in sorted(
        batch, key=lambda arrival: (instant_of(arrival.receipt, zone), arrival.revision)
    ):
        before = known.arrivals.get(arrival.arrival_id)
        if before is not None and not before.reread(arrival):
            continue
        outcome = _outcome(arrival, known, applied)
        judged[arrival.arrival_id] = (arrival, outcome)
        known.learn(arrival, outcome)
    return list(judged.values())


def _outcome(arrival: JudgedArrival, known: MatchContext, applied: AppliedSite) -> ArrivalOutcome:
    match arrival.verdict:
        case Probe():
            return StoredDisposition(Disposition.PROBE)
        case SetAside(reason=reason):
            return StoredDisposition(Disposition.SET_ASIDE, reason)
        case Quarantine(reason=reason):
            return StoredDisposition(Disposition.QUARANTINE, reason)
        case Enter():
            return _entered(arrival, known, applied)
        case _:
            assert_never(arrival.verdict)


def _entered(arrival: JudgedArrival, known: MatchContext, applied: AppliedSite) -> ArrivalOutcome:
    if applied.history(arrival.receipt):
        return StoredDisposition(Disposition.HISTORY)
    if arrival.fingerprint in known.fingerprints:
        return CopyOf(known.fingerprints[arrival.fingerprint])
    opened = ids.item_id(applied.site.identity.id, arrival.arrival_id)
    if arrival.label and arrival.label in known.labels:
        item = known.labels[arrival.label]
        if arrival.label not in known.scanned:  # its paper is scanned after it was keyed
            return Joins(item)
        return Opens(opened, item, LinkReason.SAME_LABEL)
    found = proposed_by_paper(arrival, known.threads) or place(arrival, known.threads)
    if isinstance(found, Joins):
        return found
    return Opens(opened, found.linked, found.why, found.answered, found.readership)
