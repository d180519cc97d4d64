"""A process: starts what a service is made of, keeps it running, and ends it in good order.

At start PostgreSQL and Kafka have 30 seconds to answer; then one clear line and exit code 1. What
has pages answers meanwhile, only to say that it waits. Once running, an absent server ends nothing:
/health says 503 and why, readers and relay wait and resume by themselves. SIGTERM and SIGINT end
consumption, finish the batch in hand and leave within ten seconds with exit code 0; only a mail
whose answer is awaited may take longer (`Parts.longer`). Exit code 3: twenty keys in a row could
not be taken (see shared/platform/messaging/consumer.py).
"""

import asyncio
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial

import asyncpg
from faststream.kafka import KafkaRouter

from shared.errors import PermanentFailure, VaguemestreError
from shared.platform import database, http
from shared.platform.clock import Clock, StoryClock, SystemClock, open_clock
from shared.platform.confinement import hide
from shared.platform.database import Connection, Pool, open_pool, transaction
from shared.platform.jobs import Job, Jobs, at_most, first_of
from shared.platform.kafka import topics
from shared.platform.kafka.start_check import await_topics
from shared.platform.messaging import crosscheck
from shared.platform.messaging.consumer_group import ConsumerGroup
from shared.platform.messaging.crosscheck import Remembers
from shared.platform.messaging.poison import TooManyFailures
from shared.platform.messaging.transport import BATCH_GRACE, Connected, Transport, connect
from shared.platform.observability import logs
from shared.platform.observability.health import Health, HealthCheck, State, Unwell
from shared.platform.observability.telemetry import Telemetry
from shared.platform.postgres import migrate, schema_version
from shared.platform.process_health import ProcessHealth, ProcessVitals
from shared.platform.settings import ProcessSettings, Settings

GRACE = 1.0
"""Seconds of each part beside the batch in hand: all together they stay below ten."""
HELD_SECONDS = 20.0
"""How long whoever asks while a process starts waits for the page itself: a browser's patience."""
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
    group: ConsumerGroup
    """In which its handlers subscribe."""
    stopping: asyncio.Event
    """Set when the process is asked to end; a task that ignores it is cancelled soon after."""


@dataclass(frozen=True)
class Parts:
    """The parts that make a service: Kafka handlers, background jobs, pages, health checks."""

    router: KafkaRouter = field(default_factory=KafkaRouter)
    """With the handlers of what the service hears, in `ServiceContext.group`."""
    remembers: Remembers = field(default_factory=dict)
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


def run(service: ServiceCommand) -> None:
    """Runs a service until it is asked to end; exits with 1 when it can't go on.

    Exits with 3 when twenty records in a row failed.
    """
    logs.set_up(service.name)
    hide()  # its environment and memory hold the secrets
    try:
        asyncio.run(_main(service))
    except VaguemestreError as failure:
        log.error("process_stopped", why=str(failure))  # noqa: TRY400  (one sentence, no trace)
        sys.exit(3 if isinstance(failure, TooManyFailures) else 1)
    except Exception as error:  # noqa: BLE001  (the last place that can say it)
        why = "An unexpected error."
        log.error("process_stopped", why=why, trace=error)  # noqa: TRY400  (it has the trace)
        sys.exit(1)
    log.info("process_ended")


async def _main(service: ServiceCommand) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        starting = asyncio.create_task(_ground(service, stack, stopping))
        await _seen_to_wait(service, stopping, starting)
        if starting.done():
            await _keep(service, starting.result(), stack)
        else:
            starting.cancel()
            await asyncio.wait({starting})


async def _seen_to_wait(
    service: ServiceCommand, stopping: asyncio.Event, starting: "asyncio.Task[ServiceContext]"
) -> None:
    """Waits for the servers, while /health answers 503 and everybody sees `service.waiting`.

    Where systemd holds the door, whoever asks waits in it before they see that page.
    """
    if service.waiting is None:
        await first_of(stopping, [starting])
        return
    health = Health(service.name)
    health.add({"start": _waits})
    looks = http.create_asgi(health, None, ready=lambda: False)
    async with http.serving(_side(service), looks):
        if (door := http.held_socket()) is not None:
            door.close()
            await first_of(stopping, [starting], HELD_SECONDS)
        if not (starting.done() or stopping.is_set()):
            async with http.serving(_door(service), service.waiting):
                await first_of(stopping, [starting])


def _door(service: ServiceCommand) -> socket.socket:
    return http.held_socket() or http.bind(service.settings.http_host, service.settings.http_port)


def _side(service: ServiceCommand) -> socket.socket:
    """The door of those who look after a process that has pages."""
    return http.bind(service.settings.health_host, service.settings.health_port)


async def _waits() -> State:
    return Unwell("It starts, and waits for PostgreSQL and Kafka.")


async def _ground(
    service: ServiceCommand, stack: AsyncExitStack, stopping: asyncio.Event
) -> ServiceContext:
    """Connects, and checks that what only a person can make is there."""
    settings = service.settings
    linked = settings if isinstance(settings, Settings) else None
    kafka = None if linked is None else linked.broker  # refused before anything is waited for
    pool = await open_pool(settings.database_url, service.name, wait=settings.start_wait)
    stack.push_async_callback(database.close_pool, pool, GRACE)
    glances = pool  # whoever has no transport counts nothing that PostgreSQL holds
    if linked is not None and kafka is not None:
        glances = await database.open_glances(settings.database_url, service.name)
        stack.push_async_callback(database.close_pool, glances, GRACE)
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
    telemetry = Telemetry(service.name, settings.otlp, site)
    stack.push_async_callback(telemetry.close)
    clock = await open_clock(pool, settings.database_url)
    return ServiceContext(pool, glances, clock, telemetry, _group(service), stopping)


def _group(service: ServiceCommand) -> ConsumerGroup:
    settings = service.settings
    if not isinstance(settings, Settings):
        return ConsumerGroup(service.schema)
    return ConsumerGroup(
        service.schema, settings.prefix, instance=settings.instance, size=settings.batch
    )


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


async def _keep(service: ServiceCommand, ground: ServiceContext, stack: AsyncExitStack) -> None:
    """Runs everything until it is asked to end or something breaks."""
    settings, stopping = service.settings, ground.stopping
    broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    jobs = Jobs(stopping)
    health = Health(service.name)
    vitals: ProcessVitals | ProcessHealth = ProcessVitals(ground.pool, ground.clock, jobs)
    transport: Transport | None = None
    if isinstance(settings, Settings):
        kafka = await stack.enter_async_context(topics.admin(settings.broker))
        parts = await service.assemble(ground)
        process = Connected(
            service.name, service.schema, settings, ground.pool, ground.clock, ground.telemetry
        )
        transport = await connect(process, kafka, ground.group, parts.router, broken)
        vitals = ProcessHealth(
            *(service.schema, ground.pool, ground.glances, kafka, ground.clock),
            *(transport.listeners, transport.relay, jobs),
        )
    else:
        parts = await service.assemble(ground)
    vitals.measure(ground.telemetry, health)
    health.add({**vitals.checks(), **parts.checks})
    looks = http.create_asgi(health, ground.telemetry, ready=lambda: not stopping.is_set())
    doors = {"http": (_door(service), http.HttpServer(parts.pages or looks, parts.proxies))}
    if parts.pages is not None:
        doors["health"] = (_side(service), http.HttpServer(looks))
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
            ends.append(at_most(BATCH_GRACE + GRACE, transport.broker.stop()))
        await asyncio.gather(*ends)


def _jobs(service: ServiceCommand, ground: ServiceContext, parts: Parts) -> dict[str, Job]:
    jobs = dict(parts.tasks)
    pool, schema, stopping = ground.pool, service.schema, ground.stopping
    match ground.clock:
        case StoryClock() as story:
            jobs["story"] = story.follow
        case SystemClock() as clock:
            jobs["clock"] = lambda: clock.keep_compared(pool, stopping)
    if parts.remembers and isinstance(service.settings, Settings):
        jobs["crosscheck"] = crosscheck.checks(
            pool, service.settings, schema, parts.remembers, stopping
        )
    return jobs
