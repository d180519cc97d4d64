"""Facts that can't be taken: found by taking a batch apart, set aside as dead letters, counted.

Twenty keys in a row with no success between stop the process: then something else than they is
wrong (circuit breaker).
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import Topic
from shared.platform.database import TRY_AGAIN, Connection, is_lost
from shared.platform.failures import reason_of
from shared.platform.messaging import dead_letters
from shared.platform.messaging.dead_letters import DeadLetter
from shared.platform.messaging.subscription import F, Handle, RejectedFact
from shared.platform.observability.logs import Log

if TYPE_CHECKING:  # 11 MB that who only serves pages does not need
    from aiokafka import ConsumerRecord

TOO_MANY = 20
"""Different keys set aside with no success between: then something else than they is wrong."""

log = Log("taking")


class TooManyFailures(PermanentFailure):
    """Raised when twenty record keys in a row failed (circuit breaker): the process must stop."""


async def one_by_one(
    connection: Connection, facts: Sequence[F], handle: Handle[F], now: datetime
) -> Sequence[RejectedFact[F]]:
    """Hands facts to a handler key by key, where one fails fact by fact; returns those that fail.

    In the order of the keys: every process takes its locks so, and no two wait for each other.
    """
    apart: list[RejectedFact[F]] = []
    for _, group in groupby(sorted(facts, key=lambda fact: fact.key), lambda fact: fact.key):
        of_key = list(group)
        outcome = await _alone(connection, of_key, handle, now)
        if len(of_key) > 1 and isinstance(outcome, Exception):
            for fact in of_key:
                alone = await _alone(connection, [fact], handle, now)
                apart += _set_aside_if_failed(fact, alone)
        else:
            apart += _set_aside_if_failed(of_key[0], outcome)
    return apart


async def _alone(
    connection: Connection, facts: Sequence[F], handle: Handle[F], now: datetime
) -> Sequence[RejectedFact[F]] | Exception:
    try:
        async with connection.transaction():
            return await handle(connection, facts, now)
    except (TemporaryFailure, *TRY_AGAIN):
        raise
    except Exception as error:
        if is_lost(connection):
            raise
        return error


def _set_aside_if_failed(
    fact: F, outcome: Sequence[RejectedFact[F]] | Exception
) -> Sequence[RejectedFact[F]]:
    if isinstance(outcome, Exception):
        return [RejectedFact(fact, reason_of(outcome))]
    return outcome


def in_a_row(
    before: AbstractSet[bytes],
    topic: Topic,
    records: Sequence["ConsumerRecord[Any, Any]"],
    letters: Sequence[DeadLetter],
) -> AbstractSet[bytes]:
    """Returns the record keys that have failed in a row, this batch's included.

    Empty as soon as one record of it was taken. Raises TooManyFailures.
    """
    if len(letters) < len(records):
        return set()
    keys = {letter.key or f"{letter.partition}/{letter.offset}".encode() for letter in letters}
    failed = before | keys
    if len(failed) >= TOO_MANY:
        raise TooManyFailures(
            f"{len(failed)} different keys of topic {topic} in a row fail "
            f"(the last one: {letters[-1].reason}): nothing was set aside; "
            "correct the cause, then start again."
        )
    return failed


def letter_of(topic: Topic, record: "ConsumerRecord[Any, Any]", reason: str) -> DeadLetter:
    """Makes the dead letter of a record; `reason` holds no value of it."""
    return DeadLetter(
        topic=topic.value,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        # PostgreSQL keeps no NUL in a text.
        headers=[(name.replace("\0", r"\x00"), value or b"") for name, value in record.headers],
        payload=record.value,
        reason=reason,
    )


async def set_aside(
    connection: Connection,
    schema: str,
    topic: Topic,
    letters: Sequence[DeadLetter],
    now: datetime,
) -> None:
    """Stores the dead letters of a batch, in its transaction."""
    if letters:
        await dead_letters.put(connection, schema, letters, now)
        log.error("facts_set_aside", topic=topic, count=len(letters))
