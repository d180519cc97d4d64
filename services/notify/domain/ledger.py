"""The ledger: what became of each notice, and what each event makes of it.

    planned ──claimed──▶ attempting ──250──▶ sent ──bounce──▶ bounced
       ▲  │                  │ ├──4xx──▶ planned, later
       │  └─▶ held ◀─┐       │ ├──5xx──▶ failed
       └── released  │       │ └──no answer──▶ unknown ──claimed──▶ attempting
                     └───────┴──────no answer again──┘

`attempting` is committed before DATA. Whoever finds it without its worker, or sees no answer, makes
it `unknown`: it leaves once more under the same Message-ID; a second time it is held for a person.
On paper: planned ──letter made──▶ to_print ──the register says that it left──▶ sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from services.notify.domain.item import NotifiedItem
from services.notify.domain.occasions import WITH_EFFECT, Call, is_moot
from shared.facts.envelope import EventId, NoticeId
from shared.facts.vocabulary import NoticeKind, ServerAnswer

TAKEN_BACK = "taken_back"
"""What called for it no longer does; it may be called for again."""
MOOT = "moot"
"""The reply left before it; it is called for again if the reply is taken back."""
DROPPED = "dropped"
"""A person decided that it does not leave; that stays so."""
AGAIN = frozenset({TAKEN_BACK, MOOT})
POSTED = "posted"
"""The letter left without our record of it: a person keyed or scanned its departure."""
NO_ANSWER_TWICE = "no_answer_twice"

RETRIES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
)
"""Pauses after a temporary refusal; the last one repeats until the kind is stale (greylisting lets
in after minutes, a full mailbox after hours)."""


class NoticeState(StrEnum):
    """Where a notice stands."""

    PLANNED = "planned"
    TO_PRINT = "to_print"
    """Its letter is made and lies with the mail office."""
    ATTEMPTING = "attempting"
    UNKNOWN = "unknown"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    WITHDRAWN = "withdrawn"
    PARKED = "parked"
    """Its row can't be read by this program: a dead letter remembers where it stood."""


WAITING = frozenset({NoticeState.PLANNED, NoticeState.TO_PRINT, NoticeState.HELD})
"""Nothing has left yet, so that it can still be taken back."""
GONE = frozenset(
    {NoticeState.ATTEMPTING, NoticeState.UNKNOWN, NoticeState.SENT, NoticeState.BOUNCED}
)
"""It left, or may have."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One notice's row, as far as a decision depends on it."""

    notice_id: NoticeId
    occasion: str
    kind: NoticeKind
    state: NoticeState
    why: str | None = None
    ordered: EventId | None = None
    silences: int = 0
    """Attempts to which no answer was seen."""
    refusals: int = 0
    """Temporary refusals."""


@dataclass(frozen=True, slots=True)
class PlanNotice:
    """A notice that is called for and that the ledger does not know, or took back."""

    call: Call


@dataclass(frozen=True, slots=True)
class ReleaseNotice:
    """A held notice that a person has now ordered."""

    entry: LedgerEntry
    call: Call


@dataclass(frozen=True, slots=True)
class WithdrawNotice:
    """A notice that has not left and is no longer to leave."""

    entry: LedgerEntry
    why: str


Change = PlanNotice | ReleaseNotice | WithdrawNotice


def no_longer(kind: NoticeKind, item: NotifiedItem | None) -> str:
    """Why what the item called for is called for no more."""
    return MOOT if item is not None and is_moot(kind, item) else TAKEN_BACK


def reconcile(
    calls: Iterable[Call], entries: Mapping[NoticeId, LedgerEntry], item: NotifiedItem, site: str
) -> list[Change]:
    """What turns the ledger of one item into what its facts call for now."""
    wanted = {call.notice(site): call for call in calls}
    effect_left = any(e.kind in WITH_EFFECT and e.state in GONE for e in entries.values())
    changes: list[Change] = []
    for notice, call in wanted.items():
        entry = entries.get(notice)
        if entry is None or (entry.state is NoticeState.WITHDRAWN and entry.why in AGAIN):
            second = effect_left and call.kind in WITH_EFFECT and call.order is None
            changes += [] if second else [PlanNotice(call)]
        elif entry.state is NoticeState.HELD and call.ordered and entry.ordered is None:
            changes.append(ReleaseNotice(entry, call))
    changes += [
        WithdrawNotice(entry, no_longer(entry.kind, item))
        for notice, entry in entries.items()
        if entry.state in WAITING and notice not in wanted
    ]
    return changes


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server answered 250 to the end of DATA: it has it."""

    said: ServerAnswer | None = field(default=None, compare=False)
    """What is kept of its words; the same acceptance, however it was put."""


@dataclass(frozen=True, slots=True)
class RefusedForNow:
    """4xx: nothing was taken; later it may be."""

    status: str


@dataclass(frozen=True, slots=True)
class RefusedForGood:
    """5xx: it never will be."""

    status: str


@dataclass(frozen=True, slots=True)
class NotTried:
    """The connection ended before DATA: nothing was taken, and it is no attempt."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The connection ended after DATA and before its answer: nobody knows."""


Answer = Accepted | RefusedForNow | RefusedForGood | NotTried | NoAnswer


@dataclass(frozen=True, slots=True)
class Next:
    """What an answer makes of a notice; `after` is the pause before the next attempt."""

    state: NoticeState
    why: str | None = None
    after: timedelta = timedelta()
    silences: int = 0
    refusals: int = 0


def next_after(entry: LedgerEntry, answer: Answer) -> Next:
    """The state that follows an attempt."""
    silences, refusals = entry.silences, entry.refusals
    match answer:
        case Accepted():
            return Next(NoticeState.SENT, silences=silences, refusals=refusals)
        case RefusedForGood(status):
            return Next(NoticeState.FAILED, status, silences=silences, refusals=refusals)
        case RefusedForNow(status):
            pause = RETRIES[min(refusals, len(RETRIES) - 1)]
            again = NoticeState.UNKNOWN if silences else NoticeState.PLANNED
            return Next(again, status, pause, silences, refusals + 1)
        case NotTried():
            again = NoticeState.UNKNOWN if silences else NoticeState.PLANNED
            return Next(again, None, timedelta(), silences, refusals)
        case NoAnswer():
            return after_silence(silences, refusals)
        case _:
            assert_never(answer)


def after_silence(silences: int, refusals: int) -> Next:
    """Once more under the same Message-ID; the second time a person decides (DESIGN, law 5)."""
    if silences:
        return Next(NoticeState.HELD, NO_ANSWER_TWICE, silences=silences + 1, refusals=refusals)
    return Next(NoticeState.UNKNOWN, None, RETRIES[0], silences + 1, refusals)
