"""A process: starts what a service is made of, keeps it running, and ends it in good order.

At start PostgreSQL and Kafka have 30 seconds to answer; then one clear line and exit code 1. What
has pages answers meanwhile, only to say that it waits. Once running, an absent server ends nothing:
/health says 503 and why, readers and relay wait and resume by themselves. SIGTERM and SIGINT end
consumption, finish the batch in hand and leave within ten seconds with exit code 0; only a mail
whose answer is awaited may take longer (`Parts.longer`). Exit code 3: twenty keys in a row could
not be taken (see shared/platform/messaging/consumer.py).
"""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from shared.errors import VaguemestreError
from shared.platform import http, service_life
from shared.platform.confinement import hide
from shared.platform.jobs import first_of
from shared.platform.messaging.poison import TooManyFailures
from shared.platform.observability import logs
from shared.platform.observability.health import Health, State, Unwell
from shared.platform.observability.telemetry import Telemetry
from shared.platform.service_life import Parts, ServiceCommand, ServiceContext

if TYPE_CHECKING:
    from shared.platform.messaging.relay import Relay

HELD_SECONDS = 20.0
"""How long whoever asks while a process starts waits for the page itself: a browser's patience."""

COLLECT_AFTER = 10_000
"""Objects made since the last look for cycles; 700, Python's own, is thirty looks a batch."""

log = logs.Log("process")


class OneService:
    """The premises of a service that has a process to itself."""

    relay: "Relay | None" = None
    glances = 2

    def telemetry(self, service: ServiceCommand, site: str | None) -> Telemetry:
        """Makes the telemetry of the process."""
        return Telemetry(service.name, service.settings.otlp, site)

    def doors(
        self, service: ServiceCommand, parts: Parts, looks: http.Asgi, health: Health
    ) -> Mapping[str, tuple[socket.socket, http.HttpServer]]:
        """Opens HTTP_PORT for the pages, HEALTH_PORT for the looks; without pages HTTP_PORT alone.

        Raises PermanentFailure when an address is taken.
        """
        del health
        doors = {"http": (_door(service), http.HttpServer(parts.pages or looks, parts.proxies))}
        if parts.pages is not None:
            doors["health"] = (_side(service), http.HttpServer(looks))
        return doors


def run(service: ServiceCommand) -> None:
    """Runs a service until it is asked to end; exits with 1 when it can't go on.

    Exits with 3 when twenty records in a row failed.
    """
    run_until_ended(service.name, lambda: _main(service))


def run_until_ended(name: str, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs a process's main coroutine, by its name in logs; exits with 1 when it raises.

    Exits with 3 when that is TooManyFailures.
    """
    logs.set_up(name)
    collect_seldom()
    hide()  # its environment and memory hold the secrets
    try:
        asyncio.run(main())
    except VaguemestreError as failure:
        log.error("process_stopped", why=str(failure))  # noqa: TRY400  (one sentence, no trace)
        sys.exit(3 if isinstance(failure, TooManyFailures) else 1)
    except Exception as error:  # noqa: BLE001  (the last place that can say it)
        why = "An unexpected error."
        log.error("process_stopped", why=why, trace=error)  # noqa: TRY400  (it has the trace)
        sys.exit(1)
    log.info("process_ended")


def collect_seldom() -> None:
    """Has Python look for cycles after COLLECT_AFTER objects, and never among what was imported.

    A batch holds a hundred thousand objects without a cycle: looking through them and through the
    modules again and again was a third of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


async def _main(service: ServiceCommand) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    alone = OneService()
    async with AsyncExitStack() as stack:
        starting = asyncio.create_task(service_life.start(service, alone, stack, stopping))
        await _seen_to_wait(service, stopping, starting)
        if starting.done():
            await service_life.keep(service, alone, starting.result(), stack)
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
