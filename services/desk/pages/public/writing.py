"""`/formulaire`: a complaint, a suggestion or a request, with or without an e-mail address."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

from starlette.responses import RedirectResponse, Response

from services.desk.antivirus import Antivirus, Clamd
from services.desk.pages.forms import Form
from services.desk.pages.public import attachments, entered, keeping, words
from services.desk.pages.public.attachments import Received
from services.desk.pages.public.limits import FROM_ALL, WINDOW, Limits
from services.desk.pages.visit import SEE_OTHER, Visit
from shared.errors import TemporaryFailure
from shared.logs import Log

TOO_MANY = 429
AWAY = 503
OCTETS_OF_MEGA = 1024 * 1024

log = Log("form")

_LIMITS = Limits()
"""One process counts for all its visitors; several replicas count each on their own."""


async def write(visit: Visit) -> Response:
    """Shows the form, or puts what was sent into the spool and goes to the page of the deposit.

    Raises Mistyped: nothing is kept, and the form is shown again with what was typed.
    """
    if visit.request.method == "GET":
        return await _form(visit)
    form = await visit.form()
    received = await _received(form)
    deposit = entered.deposit_of(form, received, visit.applied.site, visit.now)
    if await keeping.made_at(visit, deposit.id) is None:
        if await _too_many(visit):
            return await _otherwise(visit, TOO_MANY)
        # The id is that of what was sent, whatever is found in it.
        files = await attachments.looked_at(_antivirus(visit), received)
        deposit = deposit.model_copy(update={"files": files})
        try:
            await keeping.keep(visit, deposit, [one.content for one in received])
        except TemporaryFailure as failure:
            log.error("deposit_not_kept", why=str(failure))  # noqa: TRY400  (one sentence, no trace)
            return await _otherwise(visit, AWAY)
    return RedirectResponse(f"/formulaire/depot/{deposit.id}", SEE_OTHER)


def _antivirus(visit: Visit) -> Antivirus | None:
    return None if visit.settings.clamd is None else Clamd(visit.settings.clamd)


async def _received(form: Form) -> Sequence[Received]:
    """The files, as far as their bounds. Raises Mistyped."""
    files = form.files(attachments.FIELD)[: attachments.MOST_FILES + 1]
    contents = []
    for one in files:
        await one.seek(0)  # the form is looked at once more when PostgreSQL went away meanwhile
        contents.append((one.filename or "", await one.read(attachments.MOST_OCTETS + 1)))
    return await asyncio.to_thread(attachments.check, contents)


async def _too_many(visit: Visit) -> bool:
    client = visit.request.client
    allowed = _LIMITS.another(None if client is None else client.host, visit.now)
    return not allowed or await keeping.made_since(visit, visit.now - WINDOW) >= FROM_ALL


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


async def _otherwise(visit: Visit, status: int) -> Response:
    """The other ways to write to us; nothing was kept, and the page says so."""
    answer = await visit.html(
        "public/otherwise.html",
        status,
        identity=visit.applied.site.identity,
        many=status == TOO_MANY,
    )
    answer.headers["retry-after"] = str(int(WINDOW.total_seconds()))
    return answer
