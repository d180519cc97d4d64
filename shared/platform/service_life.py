"""A service's life in its process: what it is made of, its start, its work and its end.

process.py runs one service alone, joint_process.py several beside each other; the `Premises` say
what a service has to itself there: its telemetry, its HTTP doors, its relay.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Protocol

import asyncpg

from shared.errors import PermanentFailure
from shared.platform import database, http
from shared.platform.clock import Clock, StoryClock, SystemClock, open_clock
from shared.platform.database import Connection, Pool, open_pool, transaction
from shared.platform.jobs import Job, Jobs, at_most, first_of
from shared.platform.observability import logs
from shared.platform.observability.health import Health, HealthCheck
from shared.platform.observability.telemetry import Telemetry
from shared.platform.postgres import migrate, schema_version
from shared.platform.process_health import ProcessVitals
from shared.platform.settings import ProcessSettings, Settings

if TYPE_CHECKING:
    from faststream.kafka import KafkaRouter

    from shared.platform.messaging.consumer_group import ConsumerGroup
    from shared.platform.messaging.crosscheck import Remembers
    from shared.platform.messaging.relay import Relay
    from shared.platform.messaging.transport import Transport
    from shared.platform.transport_health import ProcessHealth

GRACE = 1.0
"""Seconds of each part beside the batch in hand: all together they stay below ten."""
SITE = "SELECT bundle #>> '{identity,id}' FROM site.versions ORDER BY version DESC LIMIT 1"

log = logs.Log("process")


@dataclass(frozen=True)
class ServiceContext:
    """The parts given to a service at its start: database pool, clock, telemetry, Kafka group."""

    pool: Pool
    glances: Pool
    """For metrics alone: a scrape waits for no work, and its questions are prepared already."""
    clock: Clock
    telemetry: Telemetry
    service: "ServiceCommand"
    stopping: asyncio.Event
    """Set when the process is asked to end; a task that ignores it is cancelled soon after."""

    @cached_property
    def group(self) -> "ConsumerGroup":
        """The group in which the service's handlers subscribe."""
        from shared.platform.messaging.consumer_group import ConsumerGroup  # noqa: PLC0415  (11 MB that who only serves pages does not need)

        settings = self.service.linked
        if settings is None:
            return ConsumerGroup(self.service.schema)
        return ConsumerGroup(
            self.service.schema, settings.prefix, instance=settings.instance, size=settings.batch
        )


@dataclass(frozen=True)
class Parts:
    """The parts that make a service: Kafka handlers, background jobs, pages, health checks."""

    router: "KafkaRouter | None" = None
    """With the handlers of what the service hears, in `ServiceContext.group`; `None`: it hears
    nothing."""
    remembers: "Remembers" = field(default_factory=dict)
    """By what a fact that was heard is known again, for the nightly cross-check."""
    tasks: Mapping[str, Job] = field(default_factory=dict)
    """Run until the end: a TemporaryFailure has them run again, anything else ends the process.

    One that looks now and then is made by `shared.platform.jobs.every`, and ends nothing."""
    longer: Mapping[str, float] = field(default_factory=dict)
    """Tasks that have in hand at the end what can't be taken back, and for how many seconds they
    may still wait for its outcome."""
    pages: http.Asgi | None = None
    """What answers at HTTP_PORT; /health and /metrics then have HEALTH_PORT."""
    proxies: str = ""
    """Who is believed to say for whom it asks the pages (shared/platform/http.py)."""
    checks: Mapping[str, HealthCheck] = field(default_factory=dict)


@dataclass(frozen=True)
class ServiceCommand:
    """The definition of a command that runs a service until it is told to end."""

    name: str
    """As operators know it: `sla`, `desk serve`."""
    schema: str
    settings: ProcessSettings
    """With those of Kafka (`Settings`) the process hears and tells; without, it has no transport,
    and its `schema` is that of whose migrations it stands on."""
    assemble: Callable[[ServiceContext], Awaitable[Parts]]
    waiting: http.Asgi | None = None
    """The page that everybody sees until its servers answer; none: nobody listens before."""
    has_transport: bool = True
    """Whether it reaches Kafka where its settings say how: pages leave it to whom they tell."""

    @property
    def linked(self) -> Settings | None:
        """The settings by which the process reaches Kafka; `None`: it has no transport."""
        settings = self.settings
        return settings if self.has_transport and isinstance(settings, Settings) else None


class Premises(Protocol):
    """The interface of the process around a service: what the service has there."""

    @property
    def relay(self) -> "Relay | None":
        """The relay of all services of the process; `None`: the service has its own."""
        ...

    @property
    def glances(self) -> int:
        """The most connections that each service has for its metrics."""
        ...

    def telemetry(self, service: ServiceCommand, site: str | None) -> Telemetry:
        """Makes the telemetry of a service, once it is known which préfecture it serves."""
        ...

    def doors(
        self, service: ServiceCommand, parts: Parts, looks: http.Asgi, health: Health
    ) -> Mapping[str, tuple[socket.socket, http.HttpServer]]:
        """Opens the HTTP doors that are this service's alone; `looks` answers its operators.

        `health` is what they are answered.

        Raises PermanentFailure when an address is taken.
        """
        ...


async def start(
    service: ServiceCommand, premises: Premises, stack: AsyncExitStack, stopping: asyncio.Event
) -> ServiceContext:
    """Connects a service to its servers, and checks that what only a person can make is there.

    What is open is closed with `stack`.

    Raises:
        TemporaryFailure: PostgreSQL or Kafka do not answer within the time to start.
        PermanentFailure: migrations, topics or a right are lacking.
    """
    settings, linked = service.settings, service.linked
    kafka = None if linked is None else linked.broker  # refused before anything is waited for
    pool = await open_pool(
        settings.database_url, service.name, size=settings.pool, wait=settings.start_wait
    )
    stack.push_async_callback(database.close_pool, pool, GRACE)
    glances = pool  # whoever has no transport counts nothing that PostgreSQL holds
    if linked is not None and kafka is not None:
        glances = await database.open_glances(settings.database_url, service.name, premises.glances)
        stack.push_async_callback(database.close_pool, glances, GRACE)
        from shared.platform.kafka.start_check import await_topics  # noqa: PLC0415  (as above)

        await await_topics(kafka, linked.prefix, linked.start_wait)
    async with transaction(pool) as connection:
        try:
            site = await _site(connection, service.schema)
        except asyncpg.InsufficientPrivilegeError as error:
            raise PermanentFailure(
                "PostgreSQL does not let the role of VAGUEMESTRE_DATABASE_URL see what"
                f" {service.name} stands on ({error}): run `vaguemestre migrate`, and use the"
                " address of its own role."
            ) from error
    telemetry = premises.telemetry(service, site)
    stack.push_async_callback(telemetry.close)
    clock = await open_clock(pool, settings.database_url)
    return ServiceContext(pool, glances, clock, telemetry, service, stopping)


async def _site(connection: Connection, schema: str) -> str | None:
    """The id of the site whose rules are applied, once every migration is.

    Raises:
        PermanentFailure: one is lacking, or the database is too new for us.
    """
    await schema_version.check(connection)
    files = migrate.read()
    ours = {scope: files.get(scope, ()) for scope in ("site", schema)}
    if lacking := await migrate.pending_migrations(connection, ours):
        raise PermanentFailure(
            f"The database lacks {len(lacking)} migrations, the first being {lacking[0]}: "
            "run `vaguemestre migrate`."
        )
    site: str | None = await connection.fetchval(SITE)
    return site


async def keep(
    service: ServiceCommand, premises: Premises, ground: ServiceContext, stack: AsyncExitStack
) -> None:
    """Runs a service that has started until it is asked to end, or something of it breaks.

    Raises:
        TooManyFailures: twenty keys in a row could not be taken.
        VaguemestreError: it can't go on; whoever starts it again loses nothing.
    """
    settings, stopping = service.linked, ground.stopping
    broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    jobs = Jobs(stopping)
    health = Health(service.name)
    vitals: ProcessVitals | ProcessHealth = ProcessVitals(ground.pool, ground.clock, jobs)
    transport: Transport | None = None
    longest = GRACE
    if settings is not None:
        from shared.platform import transport_health  # noqa: PLC0415  (as above)
        from shared.platform.kafka import topics  # noqa: PLC0415  (as above)
        from shared.platform.messaging.transport import (  # noqa: PLC0415  (as above)
            BATCH_GRACE,
            Connected,
            connect,
        )

        kafka = await stack.enter_async_context(topics.admin(settings.broker))
        parts = await service.assemble(ground)
        process = Connected(
            service.name, service.schema, settings, ground.pool, ground.clock, ground.telemetry
        )
        relay, longest = premises.relay, BATCH_GRACE + GRACE
        transport = await connect(process, kafka, ground.group, parts.router, broken, relay)
        vitals = transport_health.ProcessHealth(
            *(service.schema, ground.pool, ground.glances, kafka, ground.clock),
            *(transport.listeners, transport.relay.lanes[service.schema], jobs),
        )
    else:
        parts = await service.assemble(ground)
    vitals.measure(ground.telemetry, health)
    health.add({**vitals.checks(), **parts.checks})
    looks = http.create_asgi(health, ground.telemetry, ready=lambda: not stopping.is_set())
    doors = premises.doors(service, parts, looks, health)
    for door, _ in doors.values():
        stack.callback(door.close)
    try:
        started = jobs.start(
            _jobs(service, ground, parts)
            | ({} if transport is None else transport.jobs(stopping))
            | {name: partial(server.serve, [door]) for name, (door, server) in doors.items()}
        )
        if transport is not None:
            await transport.start()
        log.info("process_runs", **{name: http.url_of(door) for name, (door, _) in doors.items()})
        await first_of(stopping, [broken, *started])
        for ended in (broken, *started):
            if ended.done():
                ended.result()
    finally:
        log.info("process_ends")
        stopping.set()
        if transport is not None:
            transport.stop()
        for _, server in doors.values():
            server.should_exit = True
        # Side by side: while Kafka hangs the broker takes all of its time.
        ends = [jobs.end(GRACE, parts.longer)]
        if transport is not None:
            ends.append(at_most(longest, transport.broker.stop()))
        await asyncio.gather(*ends)


def _jobs(service: ServiceCommand, ground: ServiceContext, parts: Parts) -> dict[str, Job]:
    jobs = dict(parts.tasks)
    pool, schema, stopping = ground.pool, service.schema, ground.stopping
    match ground.clock:
        case StoryClock() as story:
            jobs["story"] = story.follow
        case SystemClock() as clock:
            jobs["clock"] = lambda: clock.keep_compared(pool, stopping)
    if parts.remembers and service.linked is not None:
        from shared.platform.messaging import crosscheck  # noqa: PLC0415  (as above)

        jobs["crosscheck"] = crosscheck.checks(
            pool, service.linked, schema, parts.remembers, stopping
        )
    return jobs
