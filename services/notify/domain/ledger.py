"""The ledger: what became of each notice, and what each event makes of it.

    planned ──claimed──▶ attempting ──250──▶ sent ──bounce──▶ bounced
       ▲  │                  │ ├──4xx──▶ planned, later
       │  └─▶ held ◀─┐       │ ├──5xx──▶ failed
       └── released  │       │ └──no answer──▶ unknown ──claimed──▶ attempting
                     └───────┴──────no answer again──┘

`attempting` is committed before DATA; with the negated number of a worker it says that it was
claimed and nothing said of it, so that it is put back. Whoever finds an attempt without its worker,
or sees no answer, makes it `unknown`: it leaves once more under the same Message-ID; a second time
it is held for a person.
On paper: planned ──letter made──▶ to_print ──the register says that it left──▶ sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from services.notify.domain.acknowledgements import WITH_EFFECT
from services.notify.domain.calls import Call
from services.notify.domain.item import NotifiedItem
from services.notify.domain.occasions import is_moot
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
    """The states of a notice in the ledger of notices; `PARKED`: its row can't be read."""

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
TOLD = frozenset({NoticeState.SENT, NoticeState.FAILED, NoticeState.HELD})
"""What an attempt ends in that others hear of."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """The part of a notice's row in the ledger (the table of all notices) that decisions need."""

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
    """A change of the ledger: plan a notice that is called for and new, or was withdrawn."""

    call: Call


@dataclass(frozen=True, slots=True)
class ReleaseNotice:
    """A change of the ledger: release a held notice that a person has now ordered."""

    entry: LedgerEntry
    call: Call


@dataclass(frozen=True, slots=True)
class WithdrawNotice:
    """A change of the ledger: withdraw a notice that has not left and must not leave."""

    entry: LedgerEntry
    why: str


LedgerChange = PlanNotice | ReleaseNotice | WithdrawNotice


def no_longer(kind: NoticeKind, item: NotifiedItem | None) -> str:
    """Returns the reason code for which a notice of an item is no longer called for."""
    return MOOT if item is not None and is_moot(kind, item) else TAKEN_BACK


def reconcile(
    calls: Iterable[Call], entries: Mapping[NoticeId, LedgerEntry], item: NotifiedItem, site: str
) -> list[LedgerChange]:
    """Compares the notices that an item calls for with the ledger; returns the changes to make."""
    wanted = {call.notice(site): call for call in calls}
    effect_left = any(e.kind in WITH_EFFECT and e.state in GONE for e in entries.values())
    changes: list[LedgerChange] = []
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
    """The SMTP answer 250 to the end of DATA: the server has the email."""

    said: ServerAnswer | None = field(default=None, compare=False)
    """What is kept of its words; the same acceptance, however it was put."""


@dataclass(frozen=True, slots=True)
class RefusedForNow:
    """The SMTP answer 4xx: the email was not taken; a retry may succeed."""

    status: str


@dataclass(frozen=True, slots=True)
class RefusedForGood:
    """The SMTP answer 5xx: the email was refused for ever."""

    status: str


@dataclass(frozen=True, slots=True)
class NotTried:
    """The outcome of a connection that ended before DATA: not sent, and no attempt is counted."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The outcome of a connection that ended after DATA without answer: maybe it was sent."""


SmtpAnswer = Accepted | RefusedForNow | RefusedForGood | NotTried | NoAnswer


@dataclass(frozen=True, slots=True)
class Next:
    """The next state of a notice after an attempt to send it; `after`: the pause before a retry."""

    state: NoticeState
    why: str | None = None
    after: timedelta = timedelta()
    silences: int = 0
    refusals: int = 0


def next_after(entry: LedgerEntry, answer: SmtpAnswer) -> Next:
    """Returns a notice's next state, and when to try again, after a mail server's answer."""
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
    """Returns the next state without an answer: one retry with the same Message-ID, then held."""
    if silences:
        return Next(NoticeState.HELD, NO_ANSWER_TWICE, silences=silences + 1, refusals=refusals)
    return Next(NoticeState.UNKNOWN, None, RETRIES[0], silences + 1, refusals)
