"""`/elimination`: what is due for destruction, the bordereau, the visa, and what became of it."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.downloads import our_file
from services.desk.pages.visit import Visit
from services.desk.retention import destruction_list
from services.desk.retention.store import destruction
from services.desk.store import roots, slips
from services.desk.store.slips import Slip, SlipLine
from shared.errors import Refused

SHOWN = 200
LONGEST_LINE = 100


async def show_waiting(visit: Visit) -> Response:
    """Shows the items due for destruction, and every bordereau d'élimination."""
    names = Names(visit.applied.site, visit.directory)
    due = await destruction.all_due(visit.connection, visit.applied.site, visit.today)
    return await visit.html(
        "retention/slips.html",
        due=[
            (due.chrono, names.category(due.category), due.ended_on, due.due_on)
            for due in due[:SHOWN]
        ],
        count=len(due),
        more=len(due) == destruction.MOST_LINES,
        slips=[
            (found.slip, lines, _stands(found, names))
            for found, lines in await slips.every(visit.connection)
        ],
    )


async def propose(visit: Visit) -> Response:
    """Handles the form that draws up a bordereau d'élimination of the items due, at most 2,000."""
    form = await visit.form()
    made, _ = await destruction_list.propose(visit.decider(form.decision))
    return await visit.to(_address(made.slip), said="Bordereau établi : il attend son visa.")


async def slip(visit: Visit) -> Response:
    """Shows one bordereau d'élimination, line by line."""
    found, lines = await _found(visit)
    names = Names(visit.applied.site, visit.directory)
    return await visit.html(
        "retention/slip.html",
        slip=found,
        stands=_stands(found, names),
        proposer=names.person(found.proposed_by),
        mine=found.proposed_by == visit.person.id,
        proposed=labels_fr.moment(found.proposed_at, visit.applied.site.zone),
        lines=[
            (
                line.chrono,
                names.category(line.category),
                line.ended_on,
                line.due_on,
                destruction_list.OUTCOMES.get(line.outcome or "", ""),
            )
            for line in lines
        ],
    )


async def table(visit: Visit) -> Response:
    """Downloads a bordereau d'élimination as CSV, byte for byte as it was proposed."""
    found, _ = await _found(visit)
    content = await slips.content_of(visit.connection, found.slip)
    if content is None:
        raise HTTPException(404, "Le tableau de ce bordereau n’a pas été conservé.")
    return our_file(content, "text/csv", f"{found.slip}.csv")


async def download_slip(visit: Visit) -> Response:
    """Downloads a bordereau d'élimination as PDF, in its present state."""
    found, lines = await _found(visit)
    root = await roots.last(visit.connection)
    content = destruction_list.print_slip(found, lines, root, visit.applied.site)
    return our_file(content, "application/pdf", f"{found.slip}.pdf")


async def approve(visit: Visit) -> Response:
    """Handles the form that records the archivist's visa for a bordereau d'élimination."""
    found, _ = await _found(visit)
    form = await visit.form()
    visa = _line(form.require("visa", "Donnez le numéro du visa."))
    archivist = _line(form.require("archiviste", "Dites qui a donné le visa."))
    day = form.day("jour") or visit.today
    by = visit.decider(form.decision)
    await destruction_list.approve(by, found.slip, visa, archivist, day)
    return await visit.to(_address(found.slip), said="Visa noté.")


async def carry_out(visit: Visit) -> Response:
    """Handles the form that destroys the items of a bordereau which are still due."""
    found, _ = await _found(visit)
    form = await visit.form()
    await destruction_list.carry_out(visit.decider(form.decision), found.slip)
    return await visit.to(
        _address(found.slip), said="Exécuté : les octets sont effacés dans la minute."
    )


async def drop(visit: Visit) -> Response:
    """Handles the form that gives up a bordereau, so that its items may be proposed again."""
    found, _ = await _found(visit)
    form = await visit.form()
    await destruction_list.drop(visit.decider(form.decision), found.slip)
    return await visit.to("/elimination", said="Bordereau abandonné.")


async def _found(visit: Visit) -> tuple[Slip, list[SlipLine]]:
    number: str = visit.request.path_params["slip"]
    try:
        if not number.isascii() or not number.isprintable():
            raise HTTPException(404)
        found = await destruction.lock_slip(visit.connection, number)
    except Refused as refused:
        raise HTTPException(404, "Ce bordereau d’élimination n’existe pas.") from refused
    return found, list(await slips.lines_of(visit.connection, found.slip))


def _line(text: str) -> str:
    """One line, without what can't be printed."""
    return "".join(cell for cell in text if cell.isprintable())[:LONGEST_LINE]


def _address(number: str) -> str:
    return f"/elimination/{number}"


def _stands(found: Slip, names: Names) -> str:
    if found.done_at is not None:
        return f"exécuté par {names.person(found.done_by)}, visa {found.visa}"
    if found.dropped_at is not None:
        return f"abandonné{_by(found.dropped_by, names)}"
    if found.visa is None:
        return "attend son visa"
    return f"visa {found.visa} noté{_by(found.visa_by, names)}, à exécuter"


def _by(who: str | None, names: Names) -> str:
    return "" if who is None else f" par {names.person(who)}"
