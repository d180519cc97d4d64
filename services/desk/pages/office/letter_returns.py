"""`/bureau/retours`: letters that the post brings back, one field after the other, and bounces."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

from services.desk.domain.decisions.closure import Undo
from services.desk.domain.decisions.letter_returns import TakeBack
from services.desk.domain.item import Item
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.numbers import code_of, departure_of, item_of
from services.desk.pages.return_outcomes import REASONS, endings, read_outcome, reason_of
from services.desk.pages.visit import Visit
from services.desk.store import letter_returns, office_day, secure_mails
from shared.facts.vocabulary import NoticeKind, ReturnReason
from shared.paper.codes import DepartureCode
from shared.web.forms import Form, Mistyped

RETURNED: Final = "/bureau/retours"


async def show_returns(visit: Visit) -> Response:
    """Shows the page of letters returned by the post: field for the next, open ones, bounces."""
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    asked = visit.request.query_params
    found = await letter_returns.open_returns(visit.connection)
    bounced = await office_day.returned_notices(visit.connection)
    unread = await secure_mails.unread(visit.connection, visit.today)
    last = await letter_returns.last_keyed(visit.connection, visit.person.id, visit.midnight)
    return await visit.html(
        "office/returned.html",
        reasons=REASONS,
        reason=asked.get("motif", ReturnReason.UNKNOWN_AT_ADDRESS.value),
        day=asked.get("jour", ""),
        last=None if last is None else (last.chrono, last.seq),
        endings=endings(visit.applied.site.labels),
        letters=[row for item in found for row in _letters(item, names, visit)],
        rows=[
            {
                "chrono": returned.chrono,
                "service": names.service(returned.service),
                "what": f"{labels_fr.NOTICES[returned.kind]} {labels_fr.WAYS[returned.way]}",
                "state": labels_fr.NOTICE_STATES[returned.state],
                "why": "" if returned.why is None else names.reason(returned.why),
                "at": labels_fr.moment(returned.at, zone),
                "copy": returned.kind is NoticeKind.COPY,
            }
            for returned in bounced
        ],
        unread=[
            {
                "chrono": mail.chrono,
                "service": names.service(mail.service),
                "what": labels_fr.NOTICES[mail.kind],
                "reminders": mail.reminders,
                "returned": mail.returned,
                "at": labels_fr.moment(mail.sent_at, zone),
            }
            for mail in unread
        ],
    )


def _letters(item: Item, names: Names, visit: Visit) -> Sequence[Mapping[str, object]]:
    zone = visit.applied.site.zone
    left = {letter.event_id: letter.left_at for letter in item.letters}
    return [
        {
            "chrono": item.chrono,
            "seq": fact.seq,
            "what": labels_fr.NOTICES[fact.kind],
            "departure": fact.departure or "",
            "left": labels_fr.short_day(left[fact.letter].astimezone(zone).date())
            if fact.letter in left
            else "",
            "why": labels_fr.RETURN_REASONS[fact.reason],
            "service": names.service(item.service),
            "day": labels_fr.short_day(fact.happened_at.astimezone(zone).date()),
        }
        for fact in item.to_settle
    ]


async def take_back(visit: Visit) -> Response:
    """Handles the form that records one letter returned by the post.

    Reason and day stay for the next one.
    """
    form = await visit.form()
    text = form.require("number", "Scannez ou tapez le numéro de la lettre revenue.")
    reason, day = reason_of(form), form.day("day")
    code = code_of(visit, text, "number")
    kind = code.kind if isinstance(code, DepartureCode) else None
    item_id = await item_of(visit, text, "number")
    by = visit.decider(form.decision)
    item = await by.take_back(item_id, departure_of(visit, text), TakeBack(reason, day, kind))
    what = labels_fr.NOTICES[item.returned[-1].kind]
    said = f"{item.chrono} : retour noté ({what}), {labels_fr.RETURN_REASONS[reason]}."
    return await visit.to(_again(form), said=said)


async def settle(visit: Visit) -> Response:
    """Handles the form that records how a returned letter was dealt with."""
    form = await visit.form()
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    command = read_outcome(form, visit.applied.site.labels)
    await visit.decider(form.decision).about(sheet.item.item_id, command)
    said = f"{sheet.item.chrono} : {labels_fr.SETTLED[command.outcome]}."
    return await visit.to(RETURNED, said=said)


async def undo(visit: Visit) -> Response:
    """Handles the form that withdraws the returned letter that the person keyed last."""
    form = await visit.form()
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    last = await letter_returns.last_keyed(visit.connection, visit.person.id, visit.midnight)
    if last is None or (last.chrono, last.seq) != (sheet.item.chrono, form.number("seq")):
        raise Mistyped("number", "Ce n’est plus le dernier retour que vous avez noté.")
    by = visit.decider(form.decision)
    await by.undo(sheet.item.item_id, Undo("erreur", last.seq))
    return await visit.to(_again(form), said=f"{sheet.item.chrono} : ce retour est annulé.")


def _again(form: Form) -> str:
    return form.again(RETURNED, motif="reason", jour="day")
