"""Whether what the public sends is read at all: limits by address and network, room on the disk.

Each page has limits of its own, so that one that is flooded closes none of the others.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from starlette.requests import Request

from services.portal.domain.limits import Limits
from services.portal.settings import PortalSettings
from shared.platform import disk_space
from shared.platform.observability.logs import Log

TOO_MANY: Final = 429
AWAY: Final = 503


def address_of(request: Request) -> str | None:
    """Returns the network address that a request comes from; `None` when it is not known."""
    return None if request.client is None else request.client.host


@asynccontextmanager
async def admitting(
    limits: Limits,
    request: Request,
    now: datetime,
    settings: PortalSettings,
    log: Log,
    without_room: str,
    *,
    counts: bool = False,
) -> AsyncIterator[int | None]:
    """A context manager that admits a public request: gives `None`, or the status to refuse it by.

    429 when too much was sent from there, 503 when the spool's disk is full, which is logged as
    `without_room`. `counts`: each request is one message of its sender, whatever becomes of it.
    """
    address = address_of(request)
    with limits.coming(address) as alone:
        allowed = alone and limits.try_(address, now)
        if not allowed or (counts and not limits.another(address, now)):
            yield TOO_MANY
        elif why := await asyncio.to_thread(
            disk_space.why_full, settings.spool, settings.free_floor
        ):
            log.error(without_room, why=why)
            yield AWAY
        else:
            yield None
