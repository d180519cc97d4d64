"""The relay: carries outboxes to Kafka, in order, each fact at least once.

One process leads an outbox: the one that holds its session lock, on the relay's one connection.
Each round it reads the lowest ids that wait, publishes, and lets what Kafka confirmed wait no more
*on the connection that holds the lock*, so that a leader that lost its session can change nothing.
Reading what is there, rather than what comes after a remembered id, keeps a row that was given a
low id and committed late. What is told again (outbox.py) fills the room that fresh facts leave.
relay_rounds.py says what a round does, and how it keeps the order.

A service alone has a relay of its own schema; `vaguemestre run` has one for all, with one
connection and one producer. Its outboxes are served in turn; one whose round failed is served last
by the next session, so that it holds up no other.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from pydantic import SecretStr

from shared.errors import TemporaryFailure
from shared.platform.backoff import pause_after, pause_or
from shared.platform.database import UNREACHABLE, connect_alone
from shared.platform.kafka.connection import Kafka, client_options
from shared.platform.messaging.outbox import channel
from shared.platform.messaging.relay_rounds import ROUND, RelayRounds, cause_of
from shared.platform.observability.logs import Log
from shared.platform.turn_rate import TurnRate

POLL_SECONDS = 2.0
"""Slow: NOTIFY does the work; this finds what a lost notification left."""
FOLLOW_SECONDS = 1.0
"""Between two tries for the lock. Waiting inside PostgreSQL would hold back its vacuum."""
GATHER_SECONDS = 0.1
"""Between rounds that follow one another and took all there was: what is told meanwhile shares the
next one, its record batches and its commit. A fact that comes alone waits for nothing."""
STOP_SECONDS = 3.0

log = Log("relay")


class OutboxPlace(StrEnum):
    """The state of an outbox relay: it leads, follows another process, or its servers are away."""

    LEADER = "leader"
    FOLLOWER = "follower"
    AWAY = "away"
    """PostgreSQL or Kafka is away; it tries again by itself."""


class OutboxLane:
    """The outbox of one schema, as its relay serves it: the relay's place there, what it told."""

    def __init__(self, schema: str, prefix: str) -> None:
        self.schema = schema
        self.place = OutboxPlace.AWAY
        self.rounds = RelayRounds(schema, prefix)

    @property
    def told(self) -> Mapping[str, int]:
        """Facts confirmed by Kafka since the process started, by topic."""
        return self.rounds.told


class Relay:
    """The outbox relay of some schemas: publishes their facts to Kafka until it is stopped."""

    def __init__(self, url: SecretStr, schemas: Sequence[str], kafka: Kafka, prefix: str) -> None:
        self._url = url
        self._stopping = False
        self._wake = asyncio.Event()
        self._kafka = kafka
        self._closing: asyncio.Task[None] | None = None
        self.lanes: Mapping[str, OutboxLane] = {
            schema: OutboxLane(schema, prefix) for schema in schemas
        }
        """The outboxes that it carries, by schema."""
        self._turns = list(self.lanes.values())
        self._name = f"{schemas[0]} relay" if len(schemas) == 1 else "relay"

    def stop(self) -> None:
        """Asks the relay to end after the batch that it is publishing."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Runs the relay until `stop`, as leader or follower.

        Retries 1 to 5 seconds after an error.
        """
        failures = 0
        while not self._stopping:
            before = self._carried()
            try:
                await self._serve()
            except Exception as error:  # noqa: BLE001  (what is told must not stop for ever)
                failures = 1 if self._carried() > before else failures + 1
                log.warning("relay_interrupted", schema=" ".join(self.lanes), error=cause_of(error))
                if not isinstance(error, (TemporaryFailure, KafkaError, *UNREACHABLE)):
                    log.error("relay_not_understood", trace=error)  # noqa: TRY400  (it has the trace)
                self._wake.clear()
                await self._rest(pause_after(failures))

    def _carried(self) -> int:
        return sum(sum(lane.told.values()) for lane in self._turns)

    async def _rest(self, seconds: float) -> None:
        if not self._stopping:
            await pause_or(self._wake, seconds)

    async def _serve(self) -> None:
        """One session: wait for the lead, then carry until something is lost."""
        connection = await connect_alone(self._url, self._name)
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        carrying = asyncio.create_task(self._carry(connection))
        losing = asyncio.create_task(lost.wait())
        try:
            # The lock went with its session: what is being published stops here and now.
            await asyncio.wait({carrying, losing}, return_when=asyncio.FIRST_COMPLETED)
            if not carrying.done() or carrying.cancelled():
                raise TemporaryFailure(
                    "PostgreSQL closed the connection that held the relay's lock."
                )
            await carrying
        finally:
            # A task of its own: whoever ends us meanwhile must not leave a producer open.
            ending = asyncio.create_task(self._end(connection, {carrying, losing}))
            try:
                await asyncio.shield(ending)
            except asyncio.CancelledError:
                await ending
                raise

    async def _end(
        self,
        connection: "asyncpg.Connection[asyncpg.Record]",
        tasks: set[asyncio.Task[Any]],
    ) -> None:
        self._all_are(OutboxPlace.AWAY)
        connection.terminate()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        if self._closing:
            await self._closing

    async def _carry(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        while not (leads := await self._take(connection, self._turns)):
            self._wake.clear()
            await self._rest(FOLLOW_SECONDS)
            if self._stopping:
                return
        producer, rate = _producer(self._kafka), TurnRate(GATHER_SECONDS)
        starting = asyncio.ensure_future(producer.start())
        try:
            # Cut in the middle, aiokafka would leave a connection open for ever.
            await asyncio.shield(starting)
            while not self._stopping:
                for lane in leads:
                    lane.place = OutboxPlace.LEADER
                    log.info("relay_leads", schema=lane.schema)
                self._wake.clear()
                rounds = [await self._round(connection, producer, lane) for lane in self._leads()]
                most = max(rounds)
                followed = [lane for lane in self._turns if lane.place is OutboxPlace.FOLLOWER]
                if not most:
                    await self._rest(FOLLOW_SECONDS if followed else POLL_SECONDS)
                elif most < ROUND:
                    rate.note(time.monotonic())
                    await asyncio.sleep(rate.wait(time.monotonic()))
                leads = await self._take(connection, followed)
        finally:
            # A task of its own: this one may be cut while it closes, when an error brought it here
            # and the loss of the session, told a moment later, ends it.
            self._closing = asyncio.create_task(_discard(producer, starting))
            # Where one outbox failed, what Kafka confirmed of the others would be told for ever.
            with suppress(*UNREACHABLE):
                async with asyncio.timeout(STOP_SECONDS):
                    for lane in (lane for lane in self._leads() if lane.rounds.confirmed):
                        with suppress(asyncpg.PostgresError):
                            await lane.rounds.next(connection, 0)

    async def _take(
        self, connection: "asyncpg.Connection[asyncpg.Record]", lanes: Sequence[OutboxLane]
    ) -> Sequence[OutboxLane]:
        """Returns those of these outboxes whose lock is ours now; the others have another leader.

        They are led once Kafka lets us in, and not before.
        """
        taken = []
        for lane in lanes:
            name = channel(lane.schema)
            lane.place = OutboxPlace.FOLLOWER
            if await connection.fetchval(
                "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", name
            ):
                lane.place = OutboxPlace.AWAY
                lane.rounds.confirmed = ()
                await connection.add_listener(name, lambda *_: self._wake.set())
                taken.append(lane)
        return taken

    async def _round(
        self,
        connection: "asyncpg.Connection[asyncpg.Record]",
        producer: AIOKafkaProducer,
        lane: OutboxLane,
    ) -> int:
        """Publishes the first facts of an outbox that wait; returns how many there were."""
        # Last before it is read: a session that ends by it begins the next with the others.
        self._turns.remove(lane)
        self._turns.append(lane)
        rows = await lane.rounds.next(connection)
        if rows:
            await lane.rounds.publish(producer, rows)
        return len(rows)

    def _leads(self) -> Sequence[OutboxLane]:
        return [lane for lane in self._turns if lane.place is OutboxPlace.LEADER]

    def _all_are(self, place: OutboxPlace) -> None:
        for lane in self._turns:
            lane.place = place


def _producer(kafka: Kafka) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        **client_options(kafka),
        client_id="vaguemestre-relay",
        enable_idempotence=True,
        compression_type="lz4",
        max_batch_size=131_072,
        # A closed batch leaves at once; lingering would only add its wait to every fact.
        linger_ms=0,
        request_timeout_ms=20_000,
    )


async def _discard(producer: AIOKafkaProducer, starting: asyncio.Future[None]) -> None:
    """Stops a producer, dropping what it has not sent: the rows are still in the outbox."""
    await asyncio.wait({starting}, timeout=STOP_SECONDS)
    # While Kafka hangs it would go on asking to be let in, for ever and for nobody.
    starting.cancel()
    await asyncio.wait({starting})
    try:
        await asyncio.wait_for(producer.stop(), STOP_SECONDS)
    except Exception:  # noqa: BLE001  (whatever it is, nothing may stay open)
        # `stop` waits for every batch, and an idempotent producer retries for ever while Kafka is
        # away.
        with suppress(Exception):
            await producer._sender.close()  # noqa: SLF001  (the only way to end it)
        with suppress(Exception):
            await producer.client.close()
