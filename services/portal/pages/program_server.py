"""`/api/v1` of the portal: where other programs deposit, within limits, with or without register.

The way of a request: read the token, look whether who asks must wait, verify the key in constant
time, count it, take one of a few places, look for room on the disk, and only then read what it
sends. Nothing is read with a connection of the pool.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from services.portal.domain.program_deposit import deposit_id
from services.portal.pages import form, program_deposit
from services.portal.pages.program_openapi import openapi
from services.portal.pages.program_problems import PROBLEMS, TYPES
from services.portal.pages.visit import PublicVisit
from services.portal.settings import PortalSettings
from services.portal.store.deposit_keys import DepositKey, KnownDepositKeys
from shared.errors import TemporaryFailure
from shared.platform import disk_space
from shared.platform.clock import Clock
from shared.platform.observability.logs import Log
from shared.web import bodies
from shared.web.answers import within
from shared.web.application_tokens import KeyId
from shared.web.problem_details import Problem, ProblemAnswers
from shared.web.program_requests import KeyLimits, idempotency_key

ROOT: Final = "/api/v1"
PATH: Final = "/depots"
MOST: Final = form.MOST * 4 // 3 + 256 * 1024
"""Octets of a document: as many as the form takes, in base64, and its text."""
LEAST_PACE: Final = 250_000
"""Octets a second: a program has a line of its own, and holds a place while it sends."""
AT_ONCE: Final = 3
"""Deposits that are taken in at the same time: each holds its files in memory."""
OF_ONE_KEY: Final = 2
BUSY_SECONDS: Final = 2

T = TypeVar("T")

log = Log("deposit")


class Visiting(Protocol):
    """The interface of whatever opens a visit for a handler, with PostgreSQL or without."""

    async def __call__(
        self, handler: Callable[[PublicVisit], Awaitable[T]], request: Request, /
    ) -> T:
        """Returns what the handler returns."""
        ...


@dataclass(frozen=True)
class ProgramServer:
    """The web application of the portal for programs, with its limits and the keys it knows."""

    keys: KnownDepositKeys = field(default_factory=KnownDepositKeys)
    limits: KeyLimits = field(default_factory=KeyLimits)
    counted: Callable[[KeyId], None] = lambda _: None
    """Hears of each deposit that was kept."""
    _places: Counter[KeyId] = field(default_factory=Counter)
    """Deposits that are on their way, by their key."""

    def route(self, clock: Clock, settings: PortalSettings, visiting: Visiting) -> BaseRoute:
        """Returns the route below which the portal answers programs (`/api/v1`), for Starlette."""
        deposit = partial(self._deposit, clock, settings, visiting)
        app = Starlette(
            routes=[Route("/openapi.json", openapi), Route(PATH, deposit, methods=["POST"])],
            exception_handlers=ProblemAnswers(PROBLEMS, TYPES).handlers,
        )
        mounted = Mount(ROOT, app)
        # What no path of ours holds, such as the end of a line, is a problem too, and no page.
        mounted.path_regex = re.compile(mounted.path_regex.pattern, re.DOTALL)
        return mounted

    async def _deposit(
        self, clock: Clock, settings: PortalSettings, visiting: Visiting, request: Request
    ) -> Response:
        now = clock.now()
        token = self.limits.begin(request, now)
        ask = partial(program_deposit.verified_key, token, self.keys)
        try:
            key: DepositKey | None = await within(visiting(ask, request))
        except TemporaryFailure:  # nobody knows whether it holds: it is no stranger's to ask freely
            self.limits.count_unverified(request, now)
            raise
        if key is None:
            log.warning("deposit_key_refused")
            self.limits.refuse(request, now, token)
        self.limits.count_verified(token, f"key:{key.key}", key.per_minute, now)
        page = deposit_id(key.digest, idempotency_key(request))
        # Only of a key that holds: whoever has none takes no place of whoever has one.
        async with self._place(key.key):
            await _room(settings)
            sent = await program_deposit.read(key, await bodies.read(request, MOST, LEAST_PACE))
            take = partial(program_deposit.take, key, page, sent, self.counted)
            return await within(visiting(take, request))

    @asynccontextmanager
    async def _place(self, key: KeyId) -> AsyncIterator[None]:
        """A context manager for one deposit on its way. Raises Problem: there are too many."""
        if self._places[key] >= OF_ONE_KEY or self._places.total() >= AT_ONCE:
            said = {"seconds": BUSY_SECONDS}
            raise Problem("busy", said, headers={"retry-after": str(BUSY_SECONDS)})
        self._places[key] += 1
        try:
            yield
        finally:
            self._places[key] -= 1
            if not self._places[key]:
                del self._places[key]


async def _room(settings: PortalSettings) -> None:
    """Raises Problem when the disk of the spool has no room."""
    why = await asyncio.to_thread(disk_space.why_full, settings.spool, settings.free_floor)
    if why:
        raise program_deposit.away(why)
