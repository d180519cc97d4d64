"""What every fact of topic `arrivals` carries, and the threads to which a mail may belong."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.facts.envelope import ArrivalId, Chrono, Digest, Fact, Part, Topic


class ArrivalFact(Fact):
    """The base of all facts about an arrival; the arrival's id is their Kafka key."""

    topic: ClassVar[Topic] = Topic.ARRIVALS
    arrival_id: ArrivalId
    source: str
    """The source's id in the site, such as `mailbox:pref-bmi`, `scans:courrier` or `spool`."""

    @property
    def key(self) -> str:
        """The Kafka key, the arrival's id: all facts about one arrival travel in order."""
        return str(self.arrival_id)


class TokenThread(Part):
    """The thread candidate of an email that bears our signed token of an item: certain."""

    kind: Literal["token"] = "token"
    chrono: Chrono


class MessageThread(Part):
    """The thread candidate of an email by the Message-IDs that it answers, nearest first."""

    kind: Literal["references"] = "references"
    messages: tuple[Digest, ...]


class LikenessThread(Part):
    """The thread candidate of an email by the same correspondent and subject: only a proposal."""

    kind: Literal["likeness"] = "likeness"
    subject: Digest


ThreadCandidate = Annotated[
    TokenThread | MessageThread | LikenessThread, Field(discriminator="kind")
]


def chronos_named(threads: Iterable[ThreadCandidate]) -> list[Chrono]:
    """Returns the chronos of which these thread candidates bear our signed token."""
    return [thread.chrono for thread in threads if isinstance(thread, TokenThread)]


def messages_named(threads: Iterable[ThreadCandidate]) -> list[Digest]:
    """Returns the digests of the Message-IDs that these candidates answer, nearest first."""
    return [
        message
        for thread in threads
        if isinstance(thread, MessageThread)
        for message in thread.messages
    ]
