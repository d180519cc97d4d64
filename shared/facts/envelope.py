"""What every fact carries, whatever it says.

A fact is past tense, frozen and versioned; fields are added, never renamed or removed, and a reader
ignores those it does not know. Times are aware and in UTC. No fact holds a name, an address or free
text: whoever must read those follows the key of a pli (see shared/content/plis.py).
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, NewType
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

EventId = NewType("EventId", UUID)
ItemId = NewType("ItemId", UUID)
ArrivalId = NewType("ArrivalId", UUID)
NoticeId = NewType("NoticeId", UUID)

PersonId = NewType("PersonId", str)
"""The site's id of a person, such as `m.durand`; the name stays in schema `site`."""
ServiceId = NewType("ServiceId", str)
"""The site's id of a service, such as `bmi`."""
BlobKey = NewType("BlobKey", str)
"""`<year>/<arrival id>/<sha256>`: see shared/content/blobs.py."""
Digest = NewType("Digest", str)
"""A SHA-256 or keyed pseudonym in lower-case hexadecimal."""
Chrono = NewType("Chrono", str)
"""`36-2026-A-000123` (arrivée) or `36-2026-D-000045` (départ)."""


class Topic(StrEnum):
    """The names of the Kafka topics; each has one producer (DESIGN, law 2)."""

    ARRIVALS = "arrivals"
    ITEMS = "items"
    CLOCKS = "clocks"
    NOTICES = "notices"
    QUALITY = "quality"


class Weight(StrEnum):
    """Whether a fact is a statement that can be withdrawn, or an event (CLOCKS, rule 16)."""

    STATEMENT = "statement"
    """Somebody said so: it can be withdrawn."""
    EVENT = "event"
    """It happened in the world (left, told, destroyed): it stays, a correction may follow."""


class Part(BaseModel):
    """The frozen base of all values inside a fact."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Via(StrEnum):
    """The way by which a fact was stated: page, command, service, other program or import."""

    SESSION = "session"
    """A page, by somebody who had signed in."""
    SHELL = "shell"
    """A command, in somebody's name: the system knows who typed it, nobody else was asked."""
    MACHINE = "machine"
    """A process of ours, by itself."""
    APPLICATION = "application"
    """Another program, by an interface."""
    IMPORT = "import"
    """A file that was taken over from another register."""


class Shell(Part):
    """The system account that typed a command, and the reason code for not using a page."""

    account: str
    """Of the system, such as `root`: it opens no letter and signs nothing."""
    why: str | None = None
    """A code, such as `page-en-panne`."""


class At(Part):
    """A moment of receipt that is known to the instant (email, form)."""

    kind: Literal["at"] = "at"
    instant: AwareDatetime


class On(Part):
    """A day of receipt, a local calendar day, as the stamp on a letter says it."""

    kind: Literal["on"] = "on"
    day: date


Receipt = Annotated[At | On, Field(discriminator="kind")]


class Fact(Part):
    """The base of all facts (events): id, moments, author. `type` names the fact on the wire.

    `happened_at` is what counts for the clocks, `recorded_at` when the producer wrote it down;
    `by` is `person:<id>`, `rule:<name>`, `source:<name>` or `service:<name>`; `via` is the way by
    which they said so, and `shell` stands where that was a command (docs/decisions/0034).
    """

    topic: ClassVar[Topic]
    weight: ClassVar[Weight] = Weight.EVENT

    type: str
    version: int = 1
    event_id: EventId
    happened_at: AwareDatetime
    recorded_at: AwareDatetime
    by: str
    via: Via | None = None
    shell: Shell | None = None

    @property
    def id_text(self) -> str:
        """The fact's own id, as it is written."""
        return str(self.event_id)

    @property
    def key(self) -> str:
        """The Kafka key: all facts of one key travel in order on one partition."""
        raise NotImplementedError
