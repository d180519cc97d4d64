"""`/bureau/departs`: one field, focus kept — a number, a sticker or a code, Enter, the next."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from services.desk.domain.decisions.closure import Undo
from services.desk.french import labels_fr
from services.desk.pages.numbers import code_of, item_of
from services.desk.pages.visit import Visit
from services.desk.store import departures, office_day
from shared.errors import Refused
from shared.facts.vocabulary import NoticeKind
from shared.paper.codes import DepartureCode
from shared.web.forms import Form, Mistyped

DEPARTURES: Final = "/bureau/departs"
LEFT: Final = (
    NoticeKind.REPLY,
    NoticeKind.HOLDING_REPLY,
    NoticeKind.PIECES,
    NoticeKind.TRANSFER,
    NoticeKind.THIRD,
    NoticeKind.SIMPLE,
    NoticeKind.SVR,
    NoticeKind.SVA,
)
"""What leaves on paper by the mail office; a reply first."""
DATED: Final = frozenset({NoticeKind.HOLDING_REPLY, NoticeKind.PIECES})
"""What announces a date; an order of the service already has it."""
FACTS: Final[Mapping[str, tuple[str, bool]]] = {
    "ReplySent": ("réponse", True),
    "HoldingReplySent": ("réponse d’attente", True),
    "PiecesRequested": ("demande de pièces", True),
    "PersonTold": ("avis de transmission", False),
    "AwaitingThird": ("lettre à un tiers", True),
    "AcknowledgementSent": ("accusé de réception", False),
}
"""What a departure was, and whether it can be taken back."""


async def show_departures(visit: Visit) -> Response:
    """Shows the letters that the person recorded as sent today, and the field for the next one."""
    asked = visit.request.query_params
    found = await departures.keyed_departures(visit.connection, visit.person.id, visit.midnight)
    day = await office_day.day(visit.connection, visit.midnight)
    zone = visit.applied.site.zone
    return await visit.html(
        "office/departures.html",
        rows=[
            {
                "chrono": departed.chrono,
                "departure": departed.departure,
                "kind": FACTS[departed.fact_type][0],
                "at": f"{departed.at.astimezone(zone):%H h %M}",
                "seq": departed.seq,
                "taken_back": departed.taken_back,
                "undo": FACTS[departed.fact_type][1] and not departed.taken_back,
            }
            for departed in found
        ],
        count=sum(not departed.taken_back for departed in found),
        others=day.departures - len(found),
        kinds=[(kind.value, labels_fr.NOTICES[kind]) for kind in LEFT],
        kind=asked.get("genre", NoticeKind.REPLY.value),
        day=asked.get("jour", ""),
        until=asked.get("date", ""),
    )


async def depart(visit: Visit) -> Response:
    """Handles the form that records one letter as sent; its kind and days stay for the next."""
    form = await visit.form()
    text = form.require("number", "Scannez ou tapez le numéro du courrier qui part.")
    kind = form.word("kind", NoticeKind) or NoticeKind.REPLY
    code = code_of(visit, text, "number")
    if isinstance(code, DepartureCode):
        kind = code.kind
    if kind not in LEFT:
        raise Mistyped("kind", "Choisissez dans la liste.")
    item_id = await item_of(visit, text, "number")
    until = form.day("until") if kind in DATED else None
    item, departure = await visit.decider(form.decision).depart(
        item_id, kind, form.day("day"), until, registered=form.text("registered")
    )
    said = f"{item.chrono} : {labels_fr.NOTICES[kind]} partie sous {departure}."
    if kind in {NoticeKind.SIMPLE, NoticeKind.SVR, NoticeKind.SVA, NoticeKind.TRANSFER}:
        said = said.replace(" partie ", " parti ")
    return await visit.to(_again(form), said=said)


async def take_back(visit: Visit) -> Response:
    """Handles the form that withdraws a letter recorded as sent by mistake today.

    Raises Refused.
    """
    form = await visit.form()
    seq = form.number("seq")
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    since = visit.midnight
    mine = await departures.keyed_departures(visit.connection, visit.person.id, since)
    if (sheet.item.chrono, seq) not in {(departed.chrono, departed.seq) for departed in mine}:
        raise Refused("It was not keyed today by this person.", "nothing-to-undo", chrono="")
    await visit.decider(form.decision).undo(sheet.item.item_id, Undo("erreur", seq))
    said = f"{sheet.item.chrono} : ce départ est annulé."
    return await visit.to(_again(form), said=said)


def _again(form: Form) -> str:
    return form.again(DEPARTURES, genre="kind", jour="day", date="until")
