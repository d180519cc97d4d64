"""`…/prendre-la-main`: how a clerk takes over a letter that a colleague has open, form in hand.

The button belongs to the form of the decision, so that what was typed comes along without a script
too, and stands in the page that answers. If the letter is no longer as the page showed it, nothing
is kept: what nobody chose would be taken for a choice. A claim decides nothing: the form's decision
is still to be taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from starlette.responses import Response

from services.desk.domain.item import Item, ItemStatus
from services.desk.french.names import Names
from services.desk.pages import journal_entries, offers
from services.desk.pages.office import claims
from services.desk.pages.office import queue as letters
from services.desk.pages.office.qualification import as_shown
from services.desk.pages.office.queue_address import QUEUE, page_request, params_at
from services.desk.pages.refusals import NotAsShown
from services.desk.pages.visit import Visit
from services.desk.store import queue_claims
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.web import forms
from shared.web.forms import Form, Refusal


async def insist(visit: Visit) -> Response:
    """Handles the button by which a clerk takes over a letter; shows it with what was typed.

    Raises Refused when somebody opens it in this very moment.
    """
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    sent, me, item = visit.read(), PersonId(visit.person.id), sheet.item
    params = params_at(sent.text(forms.AGAIN), visit.applied.site)
    if item.state is not ItemStatus.TO_QUALIFY:
        said = f"Le courrier {item.chrono} vient d’être trié."
        return await visit.to(params.address(apres=item.chrono), said=said, refused=True)
    typed = _typed(visit, sent, item)
    before = await claims.other(visit, item.item_id)
    if not await queue_claims.take(visit.connection, item.item_id, me, over=True):
        raise Refused(
            f"{item.chrono} is being opened by somebody else: take it over once more.",
            "opened-just-now",
            chrono=item.chrono,
        )
    await queue_claims.end_left(visit.connection, me, item.item_id)
    names = Names(visit.applied.site, visit.directory)
    told = "" if before is None else f" {names.person(before.person)} en est averti."
    held = replace(
        _saying(visit, f"Ce courrier est à vous.{told}"),
        request=page_request(visit.request, params.address(item.chrono, dernier=params.last)),
        sent=None,
        refusal=Refusal("", typed=typed),
    )
    await journal_entries.record_shown(visit, f"{QUEUE}/{{chrono}}", item.chrono)
    values = await letters.letter_values(held, sheet, params, None)
    return await held.html("office/qualify.html", **values)


def _typed(visit: Visit, sent: Form, item: Item) -> Mapping[str, Sequence[str]]:
    """What was typed on a page that showed the letter as it stands; else nothing."""
    offered = {} if visit.signed_in is None else offers.read(visit.signed_in.token, sent)
    try:
        as_shown(replace(visit, offers=offered), item, proposal="service" in offered)
    except NotAsShown:
        return {}
    return sent.typed


def _saying(visit: Visit, sentence: str) -> Visit:
    """The visit whose page says a sentence."""
    if visit.signed_in is None:
        return visit
    signed_in = replace(visit.signed_in, said=sentence, said_refused=False)
    return replace(visit, signed_in=signed_in)
