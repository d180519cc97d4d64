"""`/code`: a one-time code, for the command of an act that only a signed-in person decides."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from services.desk.domain.acts import Act, object_of
from services.desk.pages.refusals import Mistyped
from services.desk.pages.visit import Visit
from services.desk.store import one_time_codes
from shared.facts.envelope import PersonId

TITLES: Final[Mapping[Act, str]] = {
    Act.CLOSE_MONTH: "clore un mois (2026-05)",
}


async def one_time_code(visit: Visit) -> Response:
    """Asks for what, then shows the code once."""
    code, about = None, ""
    if visit.request.method == "POST" and visit.refusal is None:
        form = await visit.form()
        act = form.word("act", Act)
        if act is None:
            raise Mistyped("act", "Choisissez l’acte.")
        about = object_of(form.needed("about", "Dites sur quoi."))
        person = PersonId(visit.person.id)
        code = await one_time_codes.issue(visit.connection, person, act, about)
        if code is None:
            raise Mistyped("act", "Trop de codes en une heure : attendez.")
    return await visit.html(
        "signin/code.html",
        code=code,
        about=about,
        acts=[(act.value, said) for act, said in TITLES.items()],
    )
