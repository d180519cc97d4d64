"""The local account: one password, and on a demo site the choice of whom it acts as."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.pages import journal_entries
from services.desk.pages.guards import public_name
from services.desk.pages.signin.tries import Tries
from services.desk.pages.signin.ways import ADMINISTRATION, UNAUTHORIZED, begin, local, log, ways_in
from services.desk.pages.visit import Visit
from services.desk.store.access_journal import What

TOO_MANY: Final = 429
_TRIES: Final = Tries()


async def with_password(visit: Visit) -> Response:
    """Handles the form that signs in by password, with a limit on wrong tries by address."""
    form, known = await visit.form(), visit.settings.local_account
    wanted = form.text("suite")
    if known is None:
        raise HTTPException(404)
    address = visit.request.client.host if visit.request.client else None
    if not _TRIES.may(address, visit.now):
        return await ways_in(
            visit, wanted, TOO_MANY, "Trop d’essais : attendez cinq minutes, puis recommencez."
        )
    async with visit.apart(decided=True):
        right = await asyncio.to_thread(_right, known, form.text("secret"))
    if not right:
        _TRIES.count_wrong(address, visit.now)
        log.warning("password_wrong")
        await journal_entries.record_sign_in(visit, What.SIGN_IN_REFUSED)
        return await ways_in(visit, wanted, UNAUTHORIZED, "Ce n’est pas le bon mot de passe.")
    demo = _acts_as_anybody(visit)
    next_ = f"/connexion/agir-comme?suite={local(wanted)}" if demo else ADMINISTRATION
    return await begin(visit, None, "local", next_, administrator=True)


async def act_as(visit: Visit) -> Response:
    """Shows the people whom the local account of a demo site may act as; a POST chooses one.

    Elsewhere raises HTTPException 404.
    """
    session = visit.signed_in
    if not _acts_as_anybody(visit) or session is None or session.way != "local":
        raise HTTPException(404)
    if visit.request.method == "GET":
        services = [
            (row.name, people)
            for row in visit.applied.site.services.services
            if (people := visit.directory.of(row.id))
        ]
        return await visit.html(
            "signin/act_as.html",
            services=services,
            next=local(visit.request.query_params.get("suite", "/")),
        )
    form = await visit.form()
    person = visit.directory.person(form.text("personne"))
    if person is None:
        raise HTTPException(404)
    next_ = local(form.text("suite"))
    return await begin(visit, person, "local", next_, administrator=True)


def _acts_as_anybody(visit: Visit) -> bool:
    """A demo site, also one that is applied later, lets it where no other machine reaches it."""
    return visit.applied.site.identity.demo and public_name(visit.settings) is None


def _right(known: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(known, password)
    except Argon2Error:
        return False
