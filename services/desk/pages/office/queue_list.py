"""`/bureau/file`: the queue as a list, and the same list beside the letter that is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.office.queue_address import AFTER, QueueParams, choices, parse_params
from services.desk.pages.visit import Visit
from services.desk.store import queue
from services.desk.store.queue import QueueKey, QueueRow
from shared.facts.vocabulary import Nature, Priority

A_PAGE: Final = 50
BESIDE: Final = 25
"""Letters of the list beside the one that is open."""


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A letter of the queue in the list of the page, in French words."""

    chrono: str
    url: str
    here: bool
    """It is the letter that the page shows."""
    received: str
    who: str
    what: str
    reason: str
    """What is proposed, and which rule proposes it."""
    marks: Sequence[tuple[str, str]]
    """What is urgent or special: words, and the colour of their chip."""
    claimed_by: str
    """The colleague who has it open."""


async def listing(visit: Visit) -> Response:
    """Shows the queue as a list: a page of it, its filters, who has which letter open."""
    params = parse_params(visit.request.query_params, visit.applied.site)
    after = None
    if params.after is not None:
        after = await queue.place_of(visit.connection, params.after)
    return await visit.html(
        "office/queue.html",
        chosen=await queue.count_left(visit.connection, params.which) if params.filtered else 0,
        **await list_values(visit, params, after=after, limit=A_PAGE),
    )


async def beside(visit: Visit, params: QueueParams, chrono: str) -> dict[str, Any]:
    """Returns the template values of the page of the queue that has the letter `chrono`."""
    found = await list_values(visit, params, limit=BESIDE, here=chrono)
    if any(line.here for line in found["lines"]):
        return found
    # Further down: the page begins at the letter itself.
    place = await queue.place_of(visit.connection, chrono)
    return await list_values(visit, params, after=place, limit=BESIDE, here=chrono)


async def list_values(
    visit: Visit,
    params: QueueParams,
    *,
    after: QueueKey | None = None,
    limit: int,
    here: str = "",
) -> dict[str, Any]:
    """Returns the values of the list of the queue for a template.

    At most `limit` lines. `after`: the place behind which it begins; `here`: the chrono of the
    letter that is open, whose own place `after` then is.
    """
    found = await queue.rows(visit.connection, params.which, after, limit + 1, including=here != "")
    names = Names(visit.applied.site, visit.directory)
    lines = [_line(row, params, names, visit, here) for row in found[:limit]]
    return {
        "lines": lines,
        "asked": params,
        "choices": choices(visit.applied.site, params.typed["regle"]),
        "following": params.list_address(**{AFTER: lines[-1].chrono}) if len(found) > limit else "",
        "first": after is None,
        "waiting": await queue.count_left(visit.connection),
    }


def _line(row: QueueRow, params: QueueParams, names: Names, visit: Visit, here: str) -> QueueLine:
    rule = "aucune règle" if row.rule is None else f"règle « {row.rule} »"
    nature = "" if row.nature is Nature.UNKNOWN else f", {labels_fr.NATURES[row.nature]}"
    marks = list[tuple[str, str]]()
    if row.danger:
        marks.append(("mots de danger", "late"))
    if row.priority is not Priority.NORMALE:
        marks.append((labels_fr.PRIORITIES[row.priority], "risk"))
    if row.hold:
        marks.append((f"retenu : {visit.applied.site.labels.reason(row.hold)}", "wait"))
    if row.sealed:
        marks.append(("réservé", "wait"))
    other = None if row.claimed_by == visit.person.id else row.claimed_by
    return QueueLine(
        chrono=row.chrono,
        url=params.address(row.chrono),
        here=row.chrono == here,
        received=labels_fr.short_day(row.received_on),
        who="" if row.sealed else row.sender or "expéditeur à préciser",
        what="" if row.sealed else row.subject or "sans objet",
        reason=f"{names.category(row.category)}{nature} ({rule})",
        marks=marks,
        claimed_by=names.person(other) if other else "",
    )
