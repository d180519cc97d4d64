"""notices.yaml: what a machine may say, to whom, how fast — and what waits for a person.

Read from the top: the first row whose lists all match decides; no row means *held*.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from pydantic import PositiveInt

from shared.facts.vocabulary import (
    Authentication,
    Channel,
    Nature,
    NoticeKind,
    Priority,
    SenderKind,
    Way,
)
from shared.values import Code, Table


class Action(StrEnum):
    """The decision of a policy row on a notice: send it, hold it for a person, or never send."""

    SEND = "send"
    HOLD = "hold"
    """Planned, not to leave before a person's word."""
    NEVER = "never"


class Speed(StrEnum):
    """The speed with which our own people are told of an item (DESIGN §6)."""

    DIGEST = "digest"
    OPENING = "opening"
    """Within the opening hour."""
    AT_ONCE = "at_once"
    """Words of danger only, any day."""


class PolicyCase(NamedTuple):
    """The features of a notice and its item that the rows of the notice policy look at."""

    kind: NoticeKind
    way: Way
    sender: SenderKind
    nature: Nature
    priority: Priority
    channel: Channel
    authentication: Authentication


class NoticeRow(Table):
    """A row of the notice policy: for which notices, and whether they are sent or held.

    An empty list means "all".
    """

    id: Code
    kinds: tuple[NoticeKind, ...]
    senders: tuple[SenderKind, ...] = ()
    natures: tuple[Nature, ...] = ()
    priorities: tuple[Priority, ...] = ()
    channels: tuple[Channel, ...] = ()
    authentication: tuple[Authentication, ...] = ()
    action: Action
    reason: Code | None = None
    """The code of the hold, told to the person who decides."""
    way: Way | None = None
    speed: Speed = Speed.DIGEST

    def matches(self, case: PolicyCase) -> bool:
        """Whether the row matches a notice in all but its kind, which `by_kind` has looked at.

        An empty list means "all".
        """
        return (
            (not self.senders or case.sender in self.senders)
            and (not self.natures or case.nature in self.natures)
            and (not self.priorities or case.priority in self.priorities)
            and (not self.channels or case.channel in self.channels)
            and (not self.authentication or case.authentication in self.authentication)
            and self.way in {None, case.way}
        )


class Stale(Table):
    """The age after which a notice of a kind is held for a person instead of sent."""

    kind: NoticeKind
    after: timedelta


class Caps(Table):
    """The caps (rate limits): how many automatic emails may leave before a person looks.

    They stop mail loops with a machine that hides what it is, and somebody who makes us write to a
    victim. For scale: a préfecture of 220,000 inhabitants hears from some 1,000 people a day.
    """

    address_a_day: PositiveInt = 5
    """To one mailbox, plus parts folded; whoever gets more is a robot that hides it, or someone in
    distress. RFC 3834 §2 and RFC 5230 §4.2 answer one sender once in seven days: ours is a legal
    acknowledgement of each letter, so that it may be several. Held; twice: silent."""
    domain_an_hour: PositiveInt = 200
    """To one domain that its users do not share with strangers. Held."""
    domain_a_day: PositiveInt = 1_000
    all_an_hour: PositiveInt = 3_000
    """Three days' letters; what is above waits, and leaves by itself."""
    all_a_day: PositiveInt = 10_000
    """What no day of elections or of a failed site ever brought. Held."""
    shared_domains: tuple[str, ...] = (
        *("gmail.com", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr"),
        *("neuf.fr", "bbox.fr", "numericable.fr", "hotmail.com", "hotmail.fr", "outlook.com"),
        *("outlook.fr", "live.fr", "msn.com", "yahoo.com", "yahoo.fr", "icloud.com", "me.com"),
        *("proton.me", "protonmail.com", "gmx.fr", "aol.com"),
    )
    """Providers whose users are strangers to each other: only the caps of an address and in all
    hold there. The ones that French households name most often."""


class NoticesTable(Table):
    """The table notices.yaml: which notices may leave by themselves, and how many."""

    rows: tuple[NoticeRow, ...]
    stale: tuple[Stale, ...] = ()
    outgoing_per_minute: int = 600
    caps: Caps = Caps()

    @cached_property
    def by_kind(self) -> Mapping[NoticeKind, Sequence[NoticeRow]]:
        """The rows that speak of each kind of notice, from the top."""
        return {kind: [row for row in self.rows if kind in row.kinds] for kind in NoticeKind}

    def row_of(self, case: PolicyCase) -> NoticeRow | None:
        """Returns the first policy row that matches a notice; `None`: none does, and it is held."""
        if case not in self._decided:
            rows = self.by_kind[case.kind]
            self._decided[case] = next((row for row in rows if row.matches(case)), None)
        return self._decided[case]

    @cached_property
    def _decided(self) -> dict[PolicyCase, NoticeRow | None]:
        """What was asked already: a case is of words that are few and fixed."""
        return {}
