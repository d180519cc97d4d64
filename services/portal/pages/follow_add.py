"""What whoever follows a letter adds to it: a word, documents, or that it is not answered.

It enters as any message of the form does, by the spool and within the same limits, and says to
which letter it belongs by that letter's own code, which ingest verifies: the portal has no secret.
An open letter has it as its sender's next message; of one that has ended it becomes a letter of its
own, linked, which a person reads. No machine answers it: a page of the letter says that it came,
and leads back.
"""

from typing import Final

from starlette.responses import RedirectResponse, Response

from services.portal.domain import deposit as deposits
from services.portal.domain.limits import DailyLimit
from services.portal.pages import custody, follow_letter, form
from services.portal.pages.visit import PublicVisit
from shared.calendar.local_days import local_day, plain_hour
from shared.web.answers import SEE_OTHER
from shared.web.forms import Mistyped

ADDED: Final = f"{follow_letter.LETTER}/ajout/{{deposit:uuid}}"
admits = form.admits
MOST = form.MOST
ENOUGH: Final = (
    "Nous avons déjà reçu dix messages pour cette demande aujourd’hui. Une personne les lira."
    " Revenez demain, ou appelez-nous."
)
_LIMIT = DailyLimit()
"""One process counts for all its visitors; several replicas count each on their own."""


async def write(visit: PublicVisit) -> Response:
    """Stores what is added to the letter of the address; redirects to a page that says so.

    Raises Mistyped when it is empty, a file is refused, or enough was added to it today;
    TemporaryFailure as the form does.
    """
    sent = visit.form()
    found = await follow_letter.proven_letter(visit)
    if isinstance(found, Response):
        return found
    code, letter = found
    files = await form.read_files(visit, sent)
    added = deposits.addition_of(
        sent,
        [attachment.file for attachment in files],
        code,
        visit.now,
        answered=letter.answered_at is not None,
    )
    today = local_day(visit.now, visit.applied.site.zone)
    if await custody.made_at(visit, added.id) is None and not _LIMIT.another(code.digest, today):
        raise Mistyped("message", ENOUGH)
    return await form.take(visit, added, files, then=f"{code.path}/ajout/{added.id}")


async def confirm(visit: PublicVisit) -> Response:
    """Shows that what was added to the letter of the address has come, and the way back to it."""
    found = await follow_letter.proven_letter(visit)
    if isinstance(found, Response):
        return found
    code, letter = found
    at = await custody.made_at(visit, visit.request.path_params["deposit"])
    if at is None and visit.database is None:
        return await follow_letter.later(visit)
    if at is None:
        # Of three months ago, or never: only the letter itself has something to say.
        return RedirectResponse(code.path, SEE_OTHER)
    local = at.astimezone(visit.applied.site.zone)
    return await visit.html(
        "follow_added.html",
        purpose=follow_letter.PURPOSE,
        number=code.chrono,
        path=code.path,
        day=local.date(),
        hour=plain_hour(local),
        joins=letter.state == "registered",
    )


show = follow_letter.follow
otherwise = form.otherwise
