"""The commands by which a person decides on dead letters: `vaguemestre SERVICE dead-letters …`."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import click
from faststream.kafka import KafkaRouter

from shared.errors import Refused, TemporaryFailure
from shared.facts.envelope import EventId
from shared.platform.clock import Clock, open_clock, sure
from shared.platform.database import TRY_AGAIN, Connection, Pool, is_lost, open_pool, transaction
from shared.platform.failures import reason_of
from shared.platform.messaging import dead_letters, inbox, producers
from shared.platform.messaging.consumer_group import ConsumerGroup
from shared.platform.messaging.dead_letters import KeptLetter
from shared.platform.messaging.handler_declarations import subscriptions
from shared.platform.messaging.subscription import Subscription, passing_over
from shared.platform.settings import Settings, load

TAKEN = "taken"
TOO_OLD = (
    "too old: nothing changed, what was heard later stands. Drop it once you know that nothing is "
    "missing"
)
"""Of a letter whose fact was known, or was overtaken: nobody may think that it was taken."""
PATIENCE = timedelta(seconds=5)

IDS = click.argument("letter_ids", nargs=-1, required=True, type=int)

S = TypeVar("S", bound=Settings)
T = TypeVar("T")

Declares: TypeAlias = Callable[[ConsumerGroup], KafkaRouter]
"""The handlers of the service: a letter is heard again by the one that refused it."""

Again: TypeAlias = Callable[[Pool, int, datetime], Awaitable[str]]
"""Tries one letter again, in a transaction of its own: `taken`, or why not. Raises Refused."""


def dead_letters_commands(
    schema: str, settings: type[S], declares: Declares | None = None, *, again: Again | None = None
) -> click.Group:
    """Makes the commands `dead-letters list`, `retry` and `drop` of a service.

    A dead letter is retried by the handlers that `declares` says, or by `again` where a service
    also sets aside what never came from Kafka.
    """
    group = click.Group("dead-letters", help="What could not be taken, until somebody decides.")
    group.add_command(_list(schema, settings))
    group.add_command(_retry(schema, settings, declares, again))
    group.add_command(_drop(schema, settings))
    return group


def _list(schema: str, settings: type[S]) -> click.Command:
    @click.command("list")
    @click.option("--limit", default=100, show_default=True, help="At most so many.")
    def list_(limit: int) -> None:
        """Show the oldest ones: what they are, where they came from, why they are here."""

        async def show(_: S, pool: Pool) -> Sequence[KeptLetter]:
            return await dead_letters.list_(pool, schema, limit=limit)

        for kept in _run(settings, show):
            click.echo(_line(kept))

    return list_


def _retry(
    schema: str, settings: type[S], declares: Declares | None, again: Again | None
) -> click.Command:
    @click.command()
    @IDS
    def retry(letter_ids: tuple[int, ...]) -> None:
        """Hear letters again, in the order given; those that are taken leave the list.

        Exit code 1 when one of them stays.
        """

        async def each(chosen: S, pool: Pool) -> Sequence[str]:
            clock = await open_clock(pool, chosen.database_url)
            if again is not None:
                return [
                    f"{letter_id}: {await again(pool, letter_id, sure(clock))}"
                    for letter_id in letter_ids
                ]
            group = ConsumerGroup(schema)
            ears = {} if declares is None else subscriptions(group, declares(group))
            return [
                await retry_one(pool, clock, schema, ears, letter_id) for letter_id in letter_ids
            ]

        said = _run(settings, each)
        for sentence in said:
            click.echo(sentence)
        if not all(sentence.endswith(f": {TAKEN}") for sentence in said):
            raise SystemExit(1)

    return retry


def _drop(schema: str, settings: type[S]) -> click.Command:
    @click.command()
    @IDS
    @click.confirmation_option(prompt="These letters will be lost for ever. Drop them?")
    def drop(letter_ids: tuple[int, ...]) -> None:
        """Forget letters for ever."""

        async def forget(_: S, pool: Pool) -> Sequence[bool]:
            async with transaction(pool) as connection:
                return [await give_up(connection, schema, letter_id) for letter_id in letter_ids]

        for letter_id, dropped in zip(letter_ids, _run(settings, forget), strict=True):
            click.echo(f"{letter_id}: {'dropped' if dropped else 'was not there'}")

    return drop


async def give_up(connection: Connection, schema: str, letter_id: int) -> bool:
    """Deletes a dead letter and marks its fact as known, so that it never comes again.

    Returns whether the dead letter existed.
    """
    kept = await dead_letters.lock(connection, schema, letter_id)
    if kept is None:
        return False
    with suppress(ValueError, KeyError, TypeError):  # what is no fact was never told by ours
        event_id = UUID(json.loads(kept.letter.payload or b"")["event_id"])
        await inbox.keep_new(connection, schema, inbox.DROPPED, [EventId(event_id)])
    return await dead_letters.drop(connection, schema, letter_id)


async def retry_one(
    pool: Pool, clock: Clock, schema: str, ears: Mapping[str, Subscription[Any]], letter_id: int
) -> str:
    """Retries one dead letter through the handler of its topic; returns a sentence with the result.

    Raises:
        Refused: no such letter, or nothing here hears its topic.
        TemporaryFailure: a server is away; nothing changed.
    """
    now = sure(clock)
    async with transaction(pool) as connection:
        kept = await dead_letters.lock(connection, schema, letter_id)
        if kept is None:
            raise Refused(f"There is no dead letter {letter_id}: see `dead-letters list`.")
        ear = ears.get(kept.letter.topic)
        if ear is None:
            raise Refused(
                f"Letter {letter_id} is of {kept.letter.topic!r}, which this service does not hear."
            )
        try:
            async with connection.transaction():
                with passing_over() as passed:
                    fact = ear.decode(kept.letter.payload or b"")
                    producers.check(ear.topic, fact, kept.letter.said)
                    poisoned = await ear.handle(connection, [fact], now)
        except (TemporaryFailure, *TRY_AGAIN):
            raise
        except Exception as error:
            if is_lost(connection):
                raise
            reason = reason_of(error)
        else:
            reason = poisoned[0].reason if poisoned else TOO_OLD if passed else ""
        if reason:
            await dead_letters.failed_again(connection, schema, letter_id, reason, now)
            return f"{letter_id}: {reason if reason == TOO_OLD else f'failed again, {reason}'}"
        await dead_letters.drop(connection, schema, letter_id)
        return f"{letter_id}: {TAKEN}"


def _run(settings: type[S], work: Callable[[S, Pool], Coroutine[Any, Any, T]]) -> T:
    async def main() -> T:
        chosen = load(settings)
        pool = await open_pool(chosen.database_url, "dead letters", size=2, wait=PATIENCE)
        try:
            return await work(chosen, pool)
        finally:
            await pool.close()

    return asyncio.run(main())


def _line(kept: KeptLetter) -> str:
    letter = kept.letter
    where = "" if letter.partition is None else f" {letter.partition}/{letter.offset}"
    key = (letter.key or b"").decode(errors="replace")
    return (
        f"{kept.id}  {kept.first_at:%Y-%m-%d %H:%M}  {letter.topic}{where}  {key}  "
        f"{letter.reason}  ({kept.attempts} attempts)"
    )
