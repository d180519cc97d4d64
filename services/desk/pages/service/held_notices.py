"""`/retenus`: the messages that wait for a word, why, what would remove it; several at once.

The mail office sees those of all, a service those of its items. Each release is a decision of its
own, judged alone: what can't leave is refused with its reason, and stays ticked.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from starlette.responses import Response

from services.desk import rights
from services.desk.accounts.store import sessions
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.item.held_notices import LEAVES, NEVER
from services.desk.pages.item.remedies import remedy
from services.desk.pages.refusals import UNREADABLE, french
from services.desk.pages.service.item_list import BatchOutcome
from services.desk.pages.visit import Visit
from services.desk.store import held_notices, item_numbers, readable_items
from services.desk.store.held_notices import HeldNotice
from shared.errors import Refused
from shared.facts.envelope import Chrono, NoticeId
from shared.web.forms import Form, Mistyped

HELD: Final = "/retenus"
A_PAGE: Final = 200
_SAID: Final[Mapping[str, tuple[str, str]]] = {
    LEAVES: ("envoi part", "envois partent"),
    NEVER: ("envoi abandonné", "envois abandonnés"),
}


async def show_held(visit: Visit) -> Response:
    """Shows the notices held back from senders, with the reason and what would help."""
    ticked = () if visit.refusal is None else visit.refusal.typed.get("envoi", ())
    return await _shown(visit, ticked)


async def _shown(
    visit: Visit, ticked: Collection[str] = (), outcome: BatchOutcome | None = None
) -> Response:
    names = Names(visit.applied.site, visit.directory)
    found = await held_notices.held_notices(visit.connection, visit.roles.seen, A_PAGE)
    count, _ = await held_notices.count(visit.connection, visit.roles.seen)
    rows = [_row(held, visit, names) for held in found]
    return await visit.html(
        "service/held.html",
        rows=rows,
        count=count,
        ticked=ticked,
        outcome=outcome,
        decides=any(row["decides"] for row in rows),
        office=visit.roles.mail_office,
        leaves=LEAVES,
        never=NEVER,
    )


def _row(one: HeldNotice, visit: Visit, names: Names) -> Mapping[str, object]:
    zone = visit.applied.site.zone
    what = f"{labels_fr.NOTICES[one.kind]} {labels_fr.WAYS[one.way]}"
    return {
        "value": f"{one.chrono}:{one.notice_id}",
        "chrono": one.chrono,
        "what": what[0].upper() + what[1:],
        "why": "" if one.why is None else names.reason(one.why),
        "remedy": remedy(one.why, one.kind, one.sender_kind),
        "since": labels_fr.moment(one.at, zone),
        "service": names.service(one.service),
        "sender": one.sender,
        "subject": one.subject,
        "decides": rights.may_decide(visit.roles, one, one.confidentiality),
    }


async def several(visit: Visit) -> Response:
    """Handles the form that releases or drops each ticked notice held back; shows the list anew."""
    form = await visit.form()
    chosen = list(dict.fromkeys(form.texts("envoi")))[:A_PAGE]
    said = form.text("faire")
    if said not in _SAID:
        raise Mistyped("lot", "Dites si ces envois partent ou non.")
    if not chosen:
        raise Mistyped("lot", "Cochez d’abord les envois dont vous décidez.")
    done, refused = await _each(visit, form, chosen, leaves=said == LEAVES)
    one, many = _SAID[said]
    told = f"{done} {many if done > 1 else one}." if done else ""
    if not refused:
        return await visit.to(HELD, said=told)
    await sessions.keep_answer(visit.connection, form.decision, HELD)
    outcome = BatchOutcome(
        told or "Rien n’a été changé.", [(value[:16], why) for value, why in refused]
    )
    return await _shown(visit, {value for value, _ in refused}, outcome)


async def _each(
    visit: Visit, form: Form, chosen: Sequence[str], *, leaves: bool
) -> tuple[int, Sequence[tuple[str, str]]]:
    """How many were judged, and the refusals by what was ticked."""
    by, names = visit.decider(form.decision), Names(visit.applied.site, visit.directory)
    named = [(notice_id, *_read(notice_id)) for notice_id in chosen]
    by_chrono = await item_numbers.by_chronos(visit.connection, [chrono for _, chrono, _ in named])
    locked, unreadable = await readable_items.lock(visit.connection, by_chrono.values())
    done, refused = 0, list[tuple[str, str]]()
    for value, chrono, notice in named:
        item_id = by_chrono.get(chrono)
        if item_id in unreadable:
            refused.append((value, UNREADABLE))
            continue
        kept = None if item_id is None else locked.get(item_id)
        if kept is None or not visit.may_decide(kept.item):
            refused.append((value, "Ce courrier est suivi par un autre service."))
            continue
        try:
            async with visit.connection.transaction():
                await by.judge(kept.item.item_id, notice, leaves=leaves)
        except Refused as why:
            refused.append((value, french(why, names)))
        else:
            done += 1
    return done, refused


def _read(value: str) -> tuple[Chrono, NoticeId]:
    chrono, _, notice = value.partition(":")
    try:
        return Chrono(chrono), NoticeId(UUID(notice))
    except ValueError:
        raise Mistyped("lot", "Cochez les envois dans la liste.") from None
