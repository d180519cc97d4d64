"""Topic `clocks`: what sla tells of each item's promises (key: item id).

Every fact carries chrono, service, holder, limit and revision: a reader never joins two topics to
know whom it concerns, and drops a revision lower than the last one it saw of that item.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from shared.facts.envelope import Chrono, Fact, ItemId, Part, PersonId, ServiceId, Topic
from shared.facts.vocabulary import Audience, Category, ClockName


class Holder(Part):
    """The holder of an item: its agent; in signature, its signatory; else the service's head."""

    service: ServiceId
    person: PersonId | None = None
    """`None`: nobody has taken it, the head of the service holds it."""
    signing: bool = False


class Held(Part):
    """The number of jours ouvrés for which one person (holder) had the item."""

    holder: Holder
    days: int


class Answered(Part):
    """The answer that an item's holder gave to a reminder: a reason code and a new date."""

    reason: str
    until: date


class Outcome(StrEnum):
    """The outcome of a stopped clock; `BORN`: the implied decision came into being.

    Kept, late, closed, transferred, merged, moot, born, withdrawn.
    """

    KEPT = "kept"
    LATE = "late"
    CLOSED = "closed"
    TRANSFERRED = "transferred"
    MERGED = "merged"
    MOOT = "moot"
    """Overtaken by a reply (CLOCKS, rule 20)."""
    BORN = "born"
    """The implied decision was born."""
    WITHDRAWN = "withdrawn"
    """It should not have started: what called for it was taken back, or nothing is promised now."""


class MovedBy(StrEnum):
    """The reason why a reminder (rung) falls on another day than its offset from the limit says."""

    OLD_LIMIT = "old_limit"
    """Its limit was set when that day was past, or that of a rung before it (CLOCKS, rule 4)."""
    HOLDER = "holder"
    """The item had just changed hands (rule 5)."""
    ANSWER = "answer"
    """The holder answered a reminder with a reason and a date (rule 8)."""
    WAITED = "waited"
    """Missing pieces were waited for (rule 13)."""
    STANDS = "stands"
    """It had fallen on that day under the limit before (rule 4)."""


class RungMove(Part):
    """A postponement of a reminder (rung): by how many days, and why."""

    why: MovedBy
    days: int
    """Jours ouvrés."""
    seq: int | None = None
    """Of the item's fact that did it; `None`: another version of the rules."""


class ClockFact(Fact):
    """The base of all facts about a clock; `limit` is a local date, due until its 24:00."""

    topic: ClassVar[Topic] = Topic.CLOCKS
    item_id: ItemId
    revision: int
    chrono: Chrono | None
    """`None` for what waits without an item (quarantine)."""
    service: ServiceId
    holder: Holder
    category: Category | None
    clock: ClockName
    limit: date

    @property
    def key(self) -> str:
        """The Kafka key, the item's id: all facts about one item travel in order."""
        return str(self.item_id)


class ClockStarted(ClockFact):
    """Fact: a clock of an item started; `commitment` is its rule's id, `day_zero` a local day."""

    type: Literal["ClockStarted"] = "ClockStarted"
    commitment: str
    day_zero: date
    rules: int
    """The applied version of the site."""


class LimitMoved(ClockFact):
    """Fact: the limit of a clock was moved, and why (DESIGN, law 4)."""

    type: Literal["LimitMoved"] = "LimitMoved"
    before: date
    why: str
    """The type of the fact that moved it, or `rules`."""
    rules: int
    day_zero: date | None = None
    """The local day from which it counts now; `None`: as before. It may move and the limit not."""
    commitment: str | None = None
    """Its id in the site; `None`: as before."""


class ClockPaused(ClockFact):
    """Fact: a clock was paused from local day `since` on, at the latest until `until`."""

    type: Literal["ClockPaused"] = "ClockPaused"
    since: date
    until: date | None


class ClockResumed(ClockFact):
    """Fact: a paused clock runs again from local day `since` on."""

    type: Literal["ClockResumed"] = "ClockResumed"
    since: date


class RungReached(ClockFact):
    """Fact: a reminder (rung) about an item fell due and was published (`telling`-th time)."""

    type: Literal["RungReached"] = "RungReached"
    rung: str
    """Its offset from the limit, such as `-2` or `+3`; `given:<seq>`, to a new holder;
    `past:<limit>`, of a limit set in the past; `observed:<seq>:+2`, asking for a confirmation."""
    telling: int
    tell: tuple[Audience, ...]
    fell: date
    """The jour ouvré on which it fell due."""
    due: date | None = None
    """The day of its offset from the limit, before `moved`; `None`: it has none, or is not told."""
    moved: tuple[RungMove, ...] = ()
    days: int
    """Jours ouvrés late at that day; negative: left."""
    held: tuple[Held, ...] = ()
    answered: Answered | None = None
    collapsed: bool = False
    """Several past rungs in one line (CLOCKS, rule 4)."""
    unread_sources: bool = False
    """Told without the service's sources having been read that day."""


class RungWithdrawn(ClockFact):
    """Fact: a reminder (rung) that was published is no longer due, and is taken back."""

    type: Literal["RungWithdrawn"] = "RungWithdrawn"
    rung: str
    telling: int


class ClockStopped(ClockFact):
    """Fact: a clock stopped at `happened_at`.

    Delays are jours ouvrés, where they mean something.
    """

    type: Literal["ClockStopped"] = "ClockStopped"
    outcome: Outcome
    raw: int | None
    net: int | None


class ClockCorrected(ClockFact):
    """Fact: the outcome or delay of a stopped clock was corrected; `None`: it runs again."""

    type: Literal["ClockCorrected"] = "ClockCorrected"
    outcome: Outcome | None
    raw: int | None
    net: int | None
    why: str


class RungsTold(Fact):
    """Fact: all reminders (rungs) due by `until` were published, so that digests may be made.

    ADR 0030.

    It is told once on each partition of the topic, after the reminders there: whoever has heard all
    `parts` has heard every reminder due by then.
    """

    topic: ClassVar[Topic] = Topic.CLOCKS
    type: Literal["RungsTold"] = "RungsTold"
    until: AwareDatetime
    """The moment at which the rungs of a local day fall."""
    part: int
    """The partition that it travels on, from 0."""
    parts: int
    """How many partitions there are."""
    partition_key: str
    """What leads there."""

    @property
    def key(self) -> str:
        """The Kafka key, which leads to one partition and names no item."""
        return self.partition_key


Clocks = (
    ClockStarted
    | LimitMoved
    | ClockPaused
    | ClockResumed
    | RungReached
    | RungWithdrawn
    | ClockStopped
    | ClockCorrected
)

ClocksTopic = Clocks | RungsTold
"""All that travels on the topic: what is said of items, and how far that is whole."""

CLOCKS: TypeAdapter[ClocksTopic] = TypeAdapter(Annotated[ClocksTopic, Field(discriminator="type")])
"""Decodes a record of topic `clocks`."""
