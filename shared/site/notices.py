"""notices.yaml: what a machine may say, to whom, how fast — and what waits for a person.

Read from the top: the first row whose lists all match decides; no row means *held*.
"""

from datetime import timedelta
from enum import StrEnum

from shared.facts.words import (
    Authentication,
    Channel,
    Nature,
    NoticeKind,
    Priority,
    SenderKind,
    Way,
)
from shared.site.values import Code, Table


class Action(StrEnum):
    """What happens to a notice that an occasion calls for."""

    SEND = "send"
    HOLD = "hold"
    """Planned, not to leave before a person's word."""
    NEVER = "never"


class Speed(StrEnum):
    """How fast somebody inside hears of it (DESIGN §6)."""

    DIGEST = "digest"
    OPENING = "opening"
    """Within the opening hour."""
    AT_ONCE = "at_once"
    """Words of danger only, any day."""


class NoticeRow(Table):
    """One line of policy; an empty list means "all"."""

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


class Stale(Table):
    """After how long a notice of this kind is held instead of sent."""

    kind: NoticeKind
    after: timedelta


class Notices(Table):
    """The whole policy."""

    rows: tuple[NoticeRow, ...]
    stale: tuple[Stale, ...] = ()
    outgoing_per_minute: int = 600
