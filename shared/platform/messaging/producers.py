"""Who tells each topic, and how a reader knows a fact that somebody else put there.

A broker's rights (`vaguemestre kafka-rights`) keep others out; where they are not set, or too wide,
a fact that says itself that it came from elsewhere is set aside, and nobody acts on it.
"""

from collections.abc import Mapping
from typing import Final

from shared.errors import PermanentFailure
from shared.facts.authors import AuthorKind, author_of
from shared.facts.envelope import Fact, Topic

PRODUCERS: Final[Mapping[Topic, str]] = {
    Topic.ARRIVALS: "ingest",
    Topic.ITEMS: "desk",
    Topic.CLOCKS: "sla",
    Topic.NOTICES: "notify",
    Topic.QUALITY: "desk",
}
"""The schema whose relay tells a topic."""

HEADER: Final = "ce_producer"
"""Of each record: the schema that told it; records of before November 2026 have none."""

_RESTATES: Final = frozenset({Topic.ITEMS})
"""Topics whose producer states what others did, in their name."""


class Foreign(PermanentFailure):
    """Raised for a fact that another program than the topic's producer put into the topic."""


def check(topic: Topic, fact: Fact, headers: Mapping[str, str]) -> None:
    """Checks by header and author that a fact comes from the one producer of its topic.

    Raises:
        Foreign: it names another one.
    """
    producer = PRODUCERS[topic]
    told_by = headers.get(HEADER, producer)
    author = author_of(fact.by)
    by_program = author is not None and author.kind is AuthorKind.SERVICE
    if author is not None and by_program and topic not in _RESTATES and author.name != producer:
        told_by = author.name
    if told_by != producer:
        raise Foreign(f"{topic.value} are told by {producer}, and this was not.")
