"""A subscription: a topic, how its facts are read, and the handler that takes them in batches."""

from collections.abc import Awaitable, Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from shared.facts.envelope import EventId, Fact, Topic
from shared.platform.database import Connection

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True)
class RejectedFact(Generic[F]):
    """A fact that its handler rejected, with a reason code that holds no value of the fact."""

    fact: F
    reason: str


Handle: TypeAlias = Callable[
    [Connection, Sequence[F], datetime], Awaitable[Sequence[RejectedFact[F]]]
]
"""Takes facts inside a transaction that is not its own; returns those it sets aside."""


_PASSED: ContextVar[list[Fact] | None] = ContextVar("passed over", default=None)


def pass_over(fact: Fact) -> None:
    """Reports, from inside a handler, that a fact changed nothing: a duplicate, or outdated."""
    passed = _PASSED.get()
    if passed is not None:
        passed.append(fact)


def pass_over_known(batch: Iterable[Fact], new: Container[EventId]) -> None:
    """Reports, from inside a handler, that facts of a batch are not new and changed nothing."""
    for fact in batch:
        if fact.event_id not in new:
            pass_over(fact)


@contextmanager
def passing_over() -> Iterator[Sequence[Fact]]:
    """A context manager that collects the facts that handlers report by `pass_over`."""
    passed = list[Fact]()
    token = _PASSED.set(passed)
    try:
        yield passed
    finally:
        _PASSED.reset(token)


@dataclass(frozen=True)
class Subscription(Generic[F]):
    """The decoder and the handler of one topic's facts, to be called without Kafka."""

    topic: Topic
    decode: Callable[[bytes], F]
    """Reads one payload; raises ValueError when it is no fact of the topic."""
    handle: Handle[F]
