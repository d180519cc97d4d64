"""`/enquete/CODE`: the satisfaction survey for whoever scans a poster, with no script needed.

A sheet goes into the spool, never into the database: the register takes it in. It has no name, no
address and no hour, and this page sets no cookie: nothing keeps somebody from answering twice but
the limits of the form.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.portal.domain.deposit import TRAP
from services.portal.domain.limits import Limits
from services.portal.pages.admission import AWAY, TOO_MANY, admitting
from services.portal.pages.visit import PublicVisit
from services.portal.settings import PortalSettings
from services.portal.store import surveys
from services.portal.store.surveys import KnownDoors, SurveyDoor
from shared.content import survey_spool
from shared.content.survey_spool import LONGEST, SurveySheet
from shared.errors import TemporaryFailure
from shared.platform.observability.logs import Log
from shared.web.answers import SEE_OTHER
from shared.web.forms import Form, Mistyped

HOME: Final = "/enquete"
PURPOSE: Final = "Votre avis"
MOST: Final = 64 * 1024
"""Octets of a sheet's form."""
AGAIN: Final = 300
"""Seconds after which a page asks to come back."""
LEVELS: Final[Sequence[tuple[str, str]]] = (
    ("4", "Tout à fait satisfait"),
    ("3", "Plutôt satisfait"),
    ("2", "Plutôt pas satisfait"),
    ("1", "Pas du tout satisfait"),
    ("0", "Pas concerné"),
)
GONE = 410
PAGE: Final = "feuille"
"""The id of the page that was opened: sent twice from it, it is one sheet."""

log = Log("survey")
DOORS: Final = KnownDoors()
"""One process knows them for all its visitors."""
_LIMITS = Limits()
"""Of its own: a waiting room that answers closes the form to nobody."""


def admits(
    request: Request, now: datetime, settings: PortalSettings
) -> AbstractAsyncContextManager[int | None]:
    """A context manager that lets a survey sheet in, or refuses it with an HTTP status.

    It gives `None`, or the status.
    """
    return admitting(_LIMITS, request, now, settings, log, "survey_without_room", counts=True)


async def show(visit: PublicVisit) -> Response:
    """Shows the questions of a survey campaign by its code, empty or as they were refused."""
    door = await _door(visit)
    if not door.open:
        return await visit.html("survey_closed.html", GONE, purpose=PURPOSE, form=door.form)
    if visit.refusal is None:
        DOORS.count_visit(door.code)
    return await visit.html(
        "survey.html",
        purpose=PURPOSE,
        door=door,
        form=door.form,
        levels=LEVELS,
        sheet=str(uuid4()),
        longest=LONGEST,
    )


async def thank(visit: PublicVisit) -> Response:
    """Shows the page that thanks for the survey's answers, which are stored."""
    door = await _door(visit)
    return await visit.html("survey_thanks.html", purpose=PURPOSE, form=door.form)


async def write(visit: PublicVisit) -> Response:
    """Puts a submitted survey sheet into the spool. Raises Mistyped, and nothing is stored."""
    form, door = visit.form(), await _door(visit)
    if not door.open:
        return await visit.html("survey_closed.html", GONE, purpose=PURPOSE, form=door.form)
    today = visit.now.astimezone(visit.applied.site.zone).date()
    sheet = sheet_of(form, door, today)
    try:
        async with visit.apart():
            settings = visit.settings
            key = settings.writing_key
            await asyncio.to_thread(survey_spool.put, settings.spool, sheet, key)
    except TemporaryFailure as failure:
        log.error("sheet_not_kept", why=str(failure))  # noqa: TRY400  (one sentence, no trace)
        return await otherwise(visit, AWAY)
    return RedirectResponse(f"{HOME}/{door.code}/merci", SEE_OTHER)


async def otherwise(visit: PublicVisit, status: int) -> Response:
    """Shows that no survey sheet was stored, and when to come back."""
    answer = await visit.html(
        "survey_otherwise.html", status, purpose=PURPOSE, many=status == TOO_MANY
    )
    answer.headers["retry-after"] = str(AGAIN)
    return answer


async def _door(visit: PublicVisit) -> SurveyDoor:
    """The door of the address, as it was last known while PostgreSQL is away.

    Raises HTTPException: 404 without one, 503 when none were ever read here.
    """
    if visit.database is not None:
        DOORS.keep(await surveys.every(visit.database))
    found = DOORS.of(visit.request.path_params["code"])
    if found is None:
        if not DOORS.any:
            raise HTTPException(AWAY, "Cette page revient dans quelques minutes.")
        raise HTTPException(404, "Aucune enquête ne porte ce code.")
    return found


def sheet_of(form: Form, door: SurveyDoor, today: date) -> SurveySheet:
    """Makes the survey sheet from a submitted form.

    Raises Mistyped when nothing is answered, the remark is too long or a field is wrong.
    """
    if form.text(TRAP):
        raise Mistyped(TRAP, "Laissez ce champ vide : il n’est là que pour les robots.")
    try:
        sheet_id = UUID(form.text(PAGE))
    except ValueError:
        raise Mistyped(PAGE, "Cette page est incomplète : rechargez-la.") from None
    answers = [_answer(form, question.id) for question in door.form.questions]
    text = form.text("remarque") if door.form.free_text else ""
    if not text and all(answer is None for answer in answers):
        raise Mistyped(f"question-{door.form.questions[0].id}", "Répondez au moins à une question.")
    if len(text) > LONGEST:
        raise Mistyped("remarque", f"Votre remarque dépasse {LONGEST} signes.")
    year, week, _ = today.isocalendar()
    return SurveySheet(
        sheet_id=sheet_id,
        campaign=door.campaign,
        channel=door.channel,
        place=door.place,
        week=f"{year}-W{week:02}",
        answers=tuple(answers),
        free_text=text,
    )


def _answer(form: Form, question: str) -> int | None:
    """The answer to a question; `None`: none. Raises Mistyped."""
    text = form.text(f"q-{question}")
    if text and text not in dict(LEVELS):
        raise Mistyped(f"question-{question}", "Choisissez une des réponses.")
    return int(text) if text else None
