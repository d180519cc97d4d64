"""`/suivi`: what became of a letter, for whoever has its number and the code of its receipt.

No account and no script. The page shows a day, who has the letter, whether something is missing and
whether it was answered; nothing that was written, and nobody's name. Whoever guesses learns
nothing: a code is fifty bits, an unknown number and a wrong code have one answer, and too many
tries from one place have to wait. While PostgreSQL is away the page says what was known, and since
when.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Final
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.portal.domain.deposit import LONGEST_TEXT, MOST_FILES
from services.portal.domain.limits import WINDOW, Limits
from services.portal.pages import attachments, form
from services.portal.pages.admission import AWAY, TOO_MANY, address_of
from services.portal.pages.visit import PublicVisit
from services.portal.settings import PortalSettings
from services.portal.store import letters
from services.portal.store.letters import FollowedLetter, KnownLetters
from shared.calendar.local_days import local_day, plain_hour
from shared.content.follow_codes import PATH, FollowCode, parse_typed
from shared.site.tables.bundle import Site
from shared.site.tables.services import Service
from shared.site.texts.general_commitment import everybodys, general_commitment
from shared.web.answers import SEE_OTHER
from shared.web.forms import Mistyped

LETTER: Final = f"{PATH}/{{number}}/{{code}}"
PURPOSE: Final = "Suivre votre demande"
MOST: Final = 4 * 1024
"""Octets of a number and a code."""
NOT_FOUND: Final = 404
UNKNOWN: Final = (
    "Nous ne trouvons pas de demande avec ce numéro et ce code. Regardez-les de nouveau sur le"
    " message ou la lettre que nous vous avons envoyés."
)
KNOWN: Final = KnownLetters()
"""One process knows them for all its visitors."""
_LIMITS = Limits()
"""Of its own: who guesses closes the form to nobody. What is found is not counted."""


@asynccontextmanager
async def admits(
    request: Request, now: datetime, settings: PortalSettings
) -> AsyncIterator[int | None]:
    """A context manager that lets a number and a code be tried, or refuses with an HTTP status.

    It gives `None`, or the status.
    """
    del settings
    with _LIMITS.coming(address_of(request)) as alone:
        spent = _LIMITS.spent(address_of(request), now)
        yield None if alone and not spent else TOO_MANY


async def show(visit: PublicVisit) -> Response:
    """Shows the form for number and code, empty or as it was refused."""
    return await visit.html("follow_ask.html", purpose=PURPOSE)


async def write(visit: PublicVisit) -> Response:
    """Redirects to the page of the letter whose number and code were typed.

    Raises Mistyped, with one sentence for whatever is wrong.
    """
    sent = visit.form()
    code = parse_typed(sent.text("numero"), sent.text("code"))
    if code is not None and visit.transactions is None and KNOWN.of(code.digest) is None:
        return await later(visit)
    if code is None or await _found(visit, code) is None:
        _count(visit)
        raise Mistyped("numero", UNKNOWN)
    return RedirectResponse(code.path, SEE_OTHER)


async def follow(visit: PublicVisit) -> Response:
    """Shows what became of the letter whose number and code are in the address."""
    found = await proven_letter(visit)
    if isinstance(found, Response):
        return found
    code, letter = found
    zone = visit.applied.site.zone
    known = None if visit.transactions is not None or KNOWN.at is None else KNOWN.at
    since = None if known is None else known.astimezone(zone)
    row = _service(visit, letter)
    return await visit.html(
        "follow_letter.html",
        purpose=PURPOSE,
        number=code.chrono,
        letter=letter,
        service=None if row is None else row.public,
        appointments=None if row is None else row.appointments,
        answered=None if letter.answered_at is None else local_day(letter.answered_at, zone),
        usual=_usual(visit.applied.site, letter),
        due=_still_ahead(letter, local_day(visit.now, zone)),
        path=code.path,
        depot=str(uuid4()),
        accept=attachments.ACCEPT,
        most_files=MOST_FILES,
        most_mega=attachments.MOST_OCTETS // form.OCTETS_OF_MEGA,
        longest=LONGEST_TEXT,
        known_on=None if since is None else since.date(),
        known_at=None if since is None else plain_hour(since),
    )


async def proven_letter(visit: PublicVisit) -> tuple[FollowCode, FollowedLetter] | Response:
    """Returns the letter whose number and code are in the address, or a page that refuses."""
    if _LIMITS.spent(address_of(visit.request), visit.now):
        return await otherwise(visit, TOO_MANY)
    code = parse_typed(visit.request.path_params["number"], visit.request.path_params["code"])
    letter = None if code is None else await _found(visit, code)
    if code is not None and letter is not None:
        return code, letter
    if visit.transactions is None:
        return await later(visit)
    _count(visit)
    return await visit.html("follow_ask.html", NOT_FOUND, purpose=PURPOSE, unknown=UNKNOWN)


async def otherwise(visit: PublicVisit, status: int) -> Response:
    """Shows that too many tries came from there, and when to come back."""
    answer = await visit.html("follow_otherwise.html", status, purpose=PURPOSE)
    answer.headers["retry-after"] = str(int(WINDOW.total_seconds()))
    return answer


async def later(visit: PublicVisit) -> Response:
    """Shows that nobody can say now whether there is such a letter, and when to come back."""
    answer = await visit.html("follow_away.html", AWAY, purpose=PURPOSE)
    answer.headers["retry-after"] = str(int(WINDOW.total_seconds()))
    return answer


async def _found(visit: PublicVisit, code: FollowCode) -> FollowedLetter | None:
    if visit.transactions is None:
        return KNOWN.of(code.digest)
    return await letters.of_digest(visit.connection, code.digest)


def _usual(site: Site, letter: FollowedLetter) -> str:
    """What is promised to everybody, where its clock counts by nothing narrower."""
    row = everybodys(site, letter.channel) if letter.promised else None
    same = row is not None and row.id == letter.commitment
    return general_commitment(site, letter.channel) if same else ""


def _still_ahead(letter: FollowedLetter, today: date) -> date | None:
    """The date by which we answer, as long as it has not passed."""
    return letter.due if letter.due is not None and letter.due >= today else None


def _count(visit: PublicVisit) -> None:
    _LIMITS.try_(address_of(visit.request), visit.now)


def _service(visit: PublicVisit, letter: FollowedLetter) -> Service | None:
    """The service that has it, as the applied rules say it now."""
    return None if letter.service is None else visit.applied.site.service.get(letter.service)
