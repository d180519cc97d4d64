"""`/formulaire`: a complaint, a suggestion or a request, with or without an e-mail address."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.desk.antivirus import Antivirus, clamd_at
from services.desk.pages.public import attachments, entered, keeping, words
from services.desk.pages.public.attachments import Received
from services.desk.pages.public.limits import FROM_ALL, WINDOW, Limits
from services.desk.pages.visit import SEE_OTHER, Visit
from services.desk.settings import DeskSettings
from shared import disks
from shared.errors import TemporaryFailure
from shared.logs import Log
from shared.web.forms import Form

TOO_MANY = 429
AWAY = 503
OCTETS_OF_MEGA = 1024 * 1024

log = Log("form")

_LIMITS = Limits()
"""One process counts for all its visitors; several replicas count each on their own."""
_UNPACKING = ThreadPoolExecutor(2, "unpacking")
"""Whoever sends a hundred files to unpack keeps these threads busy, and nobody else's."""


@asynccontextmanager
async def admits(
    request: Request, now: datetime, settings: DeskSettings
) -> AsyncIterator[int | None]:
    """Who may send, before an octet of it is read: see Gate."""
    address = _address(request)
    with _LIMITS.coming(address) as alone:
        if not alone or not _LIMITS.try_(address, now):
            yield TOO_MANY
            return
        if why := await asyncio.to_thread(disks.lacking, settings.spool, settings.free_floor):
            log.error("form_without_room", why=why)
            yield AWAY
            return
        yield None


def _address(request: Request) -> str | None:
    return None if request.client is None else request.client.host


async def write(visit: Visit) -> Response:
    """Shows the form, or puts what was sent into the spool and goes to the page of the deposit.

    Raises Mistyped: nothing is kept, and the form is shown again with what was typed.
    """
    if visit.request.method == "GET":
        return await _form(visit)
    form = await visit.form()
    async with visit.apart():
        received = await _received(form)
    deposit = entered.deposit_of(form, received, visit.applied.site, visit.now)
    if await keeping.made_at(visit, deposit.id) is None:
        if await _too_many(visit):
            return await otherwise(visit, TOO_MANY)
        # The id is that of what was sent, whatever is found in it.
        async with visit.apart():
            files = await attachments.looked_at(_antivirus(visit), received)
        deposit = deposit.model_copy(update={"files": files})
        try:
            await keeping.keep(visit, deposit, [one.content for one in received])
        except TemporaryFailure as failure:
            log.error("deposit_not_kept", why=str(failure))  # noqa: TRY400  (one sentence, no trace)
            return await otherwise(visit, AWAY)
    return RedirectResponse(f"/formulaire/depot/{deposit.id}", SEE_OTHER)


def _antivirus(visit: Visit) -> Antivirus | None:
    return None if visit.settings.clamd is None else clamd_at(visit.settings.clamd)


async def _received(form: Form) -> Sequence[Received]:
    """The files, as far as their bounds. Raises Mistyped."""
    files = form.files(attachments.FIELD)[: attachments.MOST_FILES + 1]
    contents = []
    for one in files:
        await one.seek(0)  # the form is looked at once more when PostgreSQL went away meanwhile
        contents.append((one.filename or "", await one.read(attachments.MOST_OCTETS + 1)))
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_UNPACKING, attachments.check, contents)


async def _too_many(visit: Visit) -> bool:
    crowded = await keeping.made_since(visit, visit.now - WINDOW) >= FROM_ALL
    return not _LIMITS.another(_address(visit.request), visit.now, crowded=crowded)


async def _form(visit: Visit) -> Response:
    return await visit.html(
        "public/write.html",
        identity=visit.applied.site.identity,
        depot=str(uuid4()),
        wishes=words.WISHES,
        themes=words.THEMES,
        services=words.services(visit.applied.site),
        accept=attachments.ACCEPT,
        most_files=attachments.MOST_FILES,
        most_mega=attachments.MOST_OCTETS // OCTETS_OF_MEGA,
        longest=entered.LONGEST_TEXT,
    )


async def otherwise(visit: Visit, status: int) -> Response:
    """The other ways to write to us; nothing was kept, and the page says so."""
    answer = await visit.html(
        "public/otherwise.html",
        status,
        identity=visit.applied.site.identity,
        many=status == TOO_MANY,
    )
    answer.headers["retry-after"] = str(int(WINDOW.total_seconds()))
    return answer
