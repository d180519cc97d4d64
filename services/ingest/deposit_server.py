"""The server of the door of deposits, and what forgets the ids that were taken in long ago.

Nothing of the door is imported where no secret opens it.
"""

import asyncio
import ssl
from typing import TYPE_CHECKING, Final

from services.ingest.door_settings import DepositDoorSettings
from shared.errors import TemporaryFailure
from shared.platform import http
from shared.platform.jobs import Job, every, first_of
from shared.platform.observability.logs import Log
from shared.platform.settings import PREFIX

if TYPE_CHECKING:
    from services.ingest.deposit_door import DepositDoor

_FORGET_SECONDS: Final = 3600.0

log = Log("deposits")


def door_jobs(settings: DepositDoorSettings, stopping: asyncio.Event) -> dict[str, Job]:
    """Makes the jobs of the door: what serves it, what forgets; none where it is shut.

    Raises PermanentFailure: it would be read on its way, or its certificate can't be read.
    """
    if not settings.deposits_secrets:
        return {}
    tls = settings.door_certificate()
    from services.ingest.deposit_door import DepositDoor  # noqa: PLC0415  (loaded only where no disk is shared)

    door = DepositDoor(settings.spool, settings.secrets, settings.keys, settings.free_floor)
    host, port = settings.deposits_host, settings.deposits_port

    async def serve() -> None:
        await _serve(door, host, port, tls, stopping)

    return {"door": serve, "received": every(_FORGET_SECONDS, door.forget, stopping)}


async def _serve(
    door: "DepositDoor", host: str, port: int, tls: ssl.SSLContext | None, stopping: asyncio.Event
) -> None:
    """Serves the door until the process ends. Raises PermanentFailure: its address is taken."""
    await door.prepare()
    held = http.bind(host, port, f"{PREFIX}DEPOSITS_HOST or {PREFIX}DEPOSITS_PORT")
    server = http.HttpServer(door.app, tls=tls)
    serving = asyncio.create_task(server.serve([held]))
    log.info("deposit_door_open", url=http.url_of(held), tls=tls is not None)
    try:
        await first_of(stopping, [serving])
    finally:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        held.close()
    if not stopping.is_set():
        raise TemporaryFailure("The door of deposits ended by itself.")
