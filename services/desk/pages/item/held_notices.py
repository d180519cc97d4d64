"""What of an item is held, and the word that lets it leave or not."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

from services.desk.domain.decisions.held_notices import judged_already
from services.desk.french import labels_fr
from services.desk.pages.item.action import About
from services.desk.pages.item.remedies import remedy
from services.desk.pages.visit import Visit
from shared.facts.envelope import NoticeId
from shared.facts.vocabulary import Way
from shared.web.forms import Mistyped

LEAVES, NEVER = "partir", "abandonner"
LEFT_BY: Final[Mapping[Way, str]] = {
    Way.MAIL: "l’envoi retenu part.",
    Way.PAPER: "la lettre retenue rejoint celles à imprimer.",
}


def held_notices(about: About) -> Sequence[Mapping[str, str]]:
    """Returns the notices of an item that are held back, for its page: reason and since when."""
    sheet, zone = about.sheet, about.visit.applied.site.zone
    return [
        {
            "id": str(notice.notice_id),
            "what": f"{labels_fr.NOTICES[notice.kind]} {labels_fr.WAYS[notice.way]}",
            "why": "" if notice.why is None else about.names.reason(notice.why),
            "remedy": remedy(notice.why, notice.kind, about.item.classification.sender_kind),
            "since": labels_fr.moment(notice.at, zone),
        }
        for notice in sheet.notices
        if notice.state == "held" and not judged_already(sheet.facts, notice.notice_id, notice.at)
    ]


async def judge(visit: Visit) -> Response:
    """Handles the form that releases a notice of an item that is held back, or drops it."""
    about = About(visit, await visit.item(visit.request.path_params["chrono"], decides=True))
    form = await visit.form()
    said = form.text("faire")
    if said not in {LEAVES, NEVER}:
        raise Mistyped("retenu", "Dites si cet envoi part ou non.")
    notice = NoticeId(visit.request.path_params["notice"])
    by = visit.decider(form.decision)
    item = await by.judge(about.item.item_id, notice, leaves=said == LEAVES)
    told = "l’envoi retenu est abandonné."
    if said == LEAVES:
        found = (
            held_notice.way
            for held_notice in about.sheet.notices
            if held_notice.notice_id == notice
        )
        told = LEFT_BY[next(found, Way.MAIL)]
    return await visit.to(f"/courrier/{item.chrono}", said=f"{item.chrono} : {told}")
