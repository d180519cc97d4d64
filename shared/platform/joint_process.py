"""A joint process: several services of one préfecture in one event loop, with one relay.

Each service lives as it does alone (service_life.py): its own role, pool, consumers and jobs. What
one process has once is shared: the relay of all outboxes, the log, the trace exporter, the HTTP
door. At that door /live, /ready, /health and /metrics speak of the process, /sla/health and
/sla/metrics of one service of it, by the last word of its name.

Whatever would end one of the services alone ends the process, in good order for the others, with
that service's exit code; whoever starts it again loses nothing.
"""

import asyncio
import signal
import socket
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from shared.platform import http, service_life
from shared.platform.jobs import Jobs, first_of
from shared.platform.messaging.relay import Relay
from shared.platform.observability import logs
from shared.platform.observability.health import Health, State, Unwell
from shared.platform.observability.telemetry import Telemetry
from shared.platform.postgres import rows
from shared.platform.process import run_until_ended
from shared.platform.service_life import GRACE, Parts, ServiceCommand
from shared.platform.settings import Settings

STARTS = Unwell("It starts, and waits for PostgreSQL and Kafka.")

log = logs.Log("process")


@dataclass(frozen=True)
class JointCommand:
    """The definition of a command that runs several services until it is told to end."""

    name: str
    settings: Settings
    """Of the relay, whose role may nothing else; its HTTP_PORT is the door of the process."""
    services: Sequence[ServiceCommand]
    """Without pages of their own."""


def short_name(service: ServiceCommand) -> str:
    """Returns the name of a service in addresses: `keep` of `desk keep`."""
    return service.name.split()[-1]


class JointHealth(Health):
    """The health of a joint process: the checks of its services, as `sla: rules`."""

    def __init__(self, name: str, services: Sequence[str]) -> None:
        super().__init__(name)
        self.services: dict[str, Health | None] = dict.fromkeys(services)
        """By short name; `None` until it has started."""

    async def states(self) -> Mapping[str, State]:
        """Runs every health check of every service; returns their states by name.

        Rows that can't be read are the process's: they are said once, and of no service.
        """
        names = list(self.services)
        answers = await asyncio.gather(*(_states(health) for health in self.services.values()))
        return {
            check if check == rows.CHECK else f"{name}: {check}": state
            for name, answer in zip(names, answers, strict=True)
            for check, state in answer.items()
        }


async def _states(health: Health | None) -> Mapping[str, State]:
    return {"start": STARTS} if health is None else await health.states()


class SeveralServices:
    """The premises of services that share a process."""

    glances = 1
    """Sixty questions a scrape, one after the other: their connections are half of what is idle."""

    def __init__(self, joint: JointCommand, stopping: asyncio.Event) -> None:
        settings = joint.settings
        schemas = [service.schema for service in joint.services]
        self._joint = joint
        self._stopping = stopping
        self._own: Telemetry | None = None
        self._looks: dict[str, http.Asgi] = {}
        self.health = JointHealth(joint.name, [short_name(each) for each in joint.services])
        self.relay: Relay | None = Relay(
            settings.database_url, schemas, settings.broker, settings.prefix
        )

    def telemetry(self, service: ServiceCommand, site: str | None) -> Telemetry:
        """Makes the telemetry of a service; the first also starts that of the process itself."""
        if self._own is None:
            self._own = Telemetry(self._joint.name, self._joint.settings.otlp, site)
        return Telemetry(service.name, site=site, of_process=False)

    def doors(
        self, service: ServiceCommand, parts: Parts, looks: http.Asgi, health: Health
    ) -> Mapping[str, tuple[socket.socket, http.HttpServer]]:
        """Puts a service's looks under its name at the door of the process; opens none."""
        del parts
        name = short_name(service)
        self._looks[name] = looks
        self.health.services[name] = health
        return {}

    async def app(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        """Answers at the door of the process: /health of all, /sla/health of one service."""
        name, _, below = scope.get("path", "").strip("/").partition("/")
        if below and name in self._looks:
            await self._looks[name]({**scope, "path": f"/{below}"}, receive, send)
            return
        own = http.create_asgi(self.health, self._own, ready=self._is_ready)
        await own(scope, receive, send)

    async def close(self) -> None:
        """Sends the last traces of the process."""
        if self._own is not None:
            await self._own.close()

    def _is_ready(self) -> bool:
        return None not in self.health.services.values() and not self._stopping.is_set()


def run(joint: JointCommand) -> None:
    """Runs several services until asked to end; exits with 1 when one of them can't go on.

    Exits with 3 when twenty records in a row failed in one of them.
    """
    run_until_ended(joint.name, lambda: _main(joint))


async def _main(joint: JointCommand) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    premises, failures = SeveralServices(joint, stopping), list[Exception]()
    door = http.bind(joint.settings.http_host, joint.settings.http_port)
    carrying = Jobs(asyncio.Event())
    async with http.serving(door, premises.app):
        lives = [
            asyncio.create_task(_live(service, premises, stopping, failures))
            for service in joint.services
        ]
        relaying = carrying.start({} if premises.relay is None else {"relay": premises.relay.run})
        log.info("process_runs", http=http.url_of(door))
        try:
            await first_of(stopping, [*lives, *relaying])
        finally:
            stopping.set()
            await asyncio.gather(*lives, return_exceptions=True)
            # What they said last is still told, if Kafka takes it.
            carrying.stopping.set()
            if premises.relay is not None:
                premises.relay.stop()
            await carrying.end(GRACE)
            await premises.close()
    if failures:
        raise failures[0]
    for ended in relaying:
        # One that a hanging server kept was cancelled, as each process's own is at its end.
        if ended.done() and not ended.cancelled():
            ended.result()


async def _live(
    service: ServiceCommand,
    premises: SeveralServices,
    stopping: asyncio.Event,
    failures: list[Exception],
) -> None:
    """The life of one service; what ends it is said once in its name, and kept in `failures`."""
    logs.speak_as(service.name)
    try:
        async with AsyncExitStack() as stack:
            starting = asyncio.create_task(service_life.start(service, premises, stack, stopping))
            await first_of(stopping, [starting])
            if starting.done():
                await service_life.keep(service, premises, starting.result(), stack)
            else:
                starting.cancel()
                await asyncio.wait({starting})
    except Exception as error:
        if not failures:
            log.error("service_stopped", error=type(error).__name__)  # noqa: TRY400  (the process says why)
        failures.append(error)
        raise
