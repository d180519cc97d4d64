"""What another program deposits by its key: verified, judged as the form, kept once, in the spool.

A deposit goes the way of the public form: its checks, its antivirus, its custody, its receipt.
While PostgreSQL is away it goes on with the keys and rules that were last known.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

from pydantic import ValidationError
from starlette.responses import Response

from services.portal.domain import deposit as deposits
from services.portal.domain.program_deposit import (
    FIELDS,
    DepositBody,
    DepositDocument,
    contents,
    digest_of,
    form_of,
)
from services.portal.pages import attachments, custody, form
from services.portal.pages.custody import NotKept
from services.portal.pages.follow_up import deposit_number
from services.portal.pages.visit import PublicVisit
from services.portal.store import deposit_keys, deposit_names
from services.portal.store.deposit_keys import DepositKey, KnownDepositKeys
from services.portal.store.deposit_names import NamedDeposit
from shared.errors import TemporaryFailure
from shared.facts.envelope import Digest
from shared.platform.observability.logs import Log
from shared.web.application_tokens import NO_DIGEST, KeyId, PresentedToken, matches
from shared.web.forms import Mistyped
from shared.web.problem_details import Problem, fields_problem

AWAY_SECONDS: Final = 60
NOT_OF_THIS_KEY: Final = "not-of-this-key"
_UNPACKING: Final = ThreadPoolExecutor(1, "unpacking-of-programs")
"""Beside that of the form: a program that sends much makes nobody wait who writes themselves."""

log = Log("deposit")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadDeposit:
    """A deposit as another program sent it in this request: document, files, digest of it all."""

    said: DepositBody
    files: Sequence[tuple[str, bytes]]
    digest: Digest


async def verified_key(
    token: PresentedToken, known: KnownDepositKeys, visit: PublicVisit
) -> DepositKey | None:
    """Returns the deposit key whose secret a token has; `None` if no valid one has it.

    Raises TemporaryFailure while PostgreSQL is away and the key is not known here.
    """
    found = (
        known.of(token.key)
        if visit.database is None
        else await deposit_keys.read_key(visit.database, token.key)
    )
    same = matches(token, NO_DIGEST if found is None else found.digest)
    return found if found is not None and same and visit.now < found.expires_at else None


async def read(key: DepositKey, octets: bytes) -> ReadDeposit:
    """Reads the document of a deposit, and judges nothing of it yet. Raises Problem."""
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(_UNPACKING, _read, key, octets)
    except ValidationError as error:
        raise fields_problem("body", error) from None
    except Mistyped as wrong:
        raise _wrong(wrong) from None


def _read(key: DepositKey, octets: bytes) -> ReadDeposit:
    said = DepositBody.model_validate_json(octets)
    files = contents(said)
    bare = said.model_copy(update={"files": ()})  # once is enough in memory
    return ReadDeposit(bare, files, digest_of(key.digest, bare, files))


async def take(
    key: DepositKey,
    page: UUID,
    sent: ReadDeposit,
    counted: Callable[[KeyId], None],
    visit: PublicVisit,
) -> Response:
    """Stores a program's deposit, and answers with its receipt; once for an idempotency key.

    `page`: the id made of the key and its idempotency key; `counted` is called with the key of a
    deposit that was stored. Raises Problem; TemporaryFailure when PostgreSQL went away: a second
    call without it ends in one deposit.
    """
    async with visit.apart():
        named = await _names(partial(deposit_names.named_deposit, visit.settings.spool, page))
    if named is not None:
        _same(named, sent)
        # What was kept is not judged again: the rules, or this program, may be others by now.
        if await custody.made_at(visit, named.deposit) is not None:
            return _receipt(visit, named.deposit)
    if key.services is not None and sent.said.service not in key.services:
        raise Problem("body", errors=[{"field": "service", "error": NOT_OF_THIS_KEY}])
    try:
        stored = await _taken(key, page, sent, visit)
    except Mistyped as wrong:
        raise _wrong(wrong) from None
    counted(key.key)
    return _receipt(visit, stored)


async def _taken(key: DepositKey, page: UUID, sent: ReadDeposit, visit: PublicVisit) -> UUID:
    """Judges a deposit as the form does, and keeps it; returns its id. Raises Mistyped, Problem."""
    loop = asyncio.get_running_loop()
    async with visit.apart():
        received = await loop.run_in_executor(_UNPACKING, attachments.check, sent.files)
    files = [found.file for found in received]
    form_said = form_of(sent.said, page)
    entered = deposits.deposit_of(form_said, files, visit.applied.site, visit.now)
    async with visit.apart():
        looked = await attachments.looked_at(form.antivirus(visit), received)
        wanted = NamedDeposit(entered.id, sent.digest)
        first = await _names(partial(deposit_names.first, visit.settings.spool, page, wanted))
    _same(first, sent)
    said = {"id": first.deposit, "application": key.key, "files": looked}
    entered = entered.model_copy(update=said)
    try:
        await custody.keep(visit, entered, [found.content for found in received])
    except NotKept as failure:
        raise away(str(failure)) from None
    log.info("deposit_by_key", key=key.key, files=len(received))
    return entered.id


def _same(named: NamedDeposit, sent: ReadDeposit) -> None:
    """Raises Problem when an idempotency key named another deposit."""
    if named.said != sent.digest:
        raise Problem("idempotency-other")


async def _names(ask: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(ask)
    except TemporaryFailure as failure:
        raise away(str(failure)) from None


def away(why: str) -> Problem:
    """Logs why no deposit can be stored now; returns the Problem (503) for the caller to raise."""
    log.error("deposit_not_kept", why=why)
    return Problem("away", headers={"retry-after": str(AWAY_SECONDS)})


def _wrong(wrong: Mistyped) -> Problem:
    """Makes the problem that says in the form's own sentence what is wrong in which field."""
    field = FIELDS.get(wrong.field, wrong.field)
    return Problem("body", errors=[{"field": field, "error": str(wrong)}])


def _receipt(visit: PublicVisit, deposit: UUID) -> Response:
    home = visit.settings.portal_url or f"http://{visit.request.headers.get('host', '')}"
    document = DepositDocument(
        deposit=str(deposit),
        number=deposit_number(deposit),
        follow=f"{home.rstrip('/')}/formulaire/depot/{deposit}",
    )
    return Response(document.model_dump_json(), 202, media_type="application/json")
