"""`/mois`: the months as they stand, and closing one in two steps: what would be closed, yes."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk import month_corrections
from services.desk.domain.codes import CLOCKS
from services.desk.domain.months import (
    FEW,
    NAMES,
    Figure,
    Month,
    MonthPromise,
    fields,
    lines,
    with_totals,
)
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.indicators import month_closure, monthly_sheet, store
from services.desk.pages.downloads import our_file
from services.desk.pages.indicators import month_checks
from services.desk.pages.indicators.correction_words import correction
from services.desk.pages.refusals import french
from services.desk.pages.visit import Visit
from services.desk.store import months, quality, roots
from services.desk.store.unread_delays import has_unverified
from shared.calendar import local_days
from shared.errors import Refused
from shared.facts.origin import SESSION
from shared.facts.vocabulary import Channel, ClockName

REPLY: Final = ClockName.REPLY.value
RESULTS: Final = {
    "kept": ("tenu", "tenus"),
    "late": ("en retard", "en retard"),
    "overdue": ("limite passée", "limites passées"),
    "closed": ("classé sans réponse", "classés sans réponse"),
    "open": ("en cours", "en cours"),
    "observed": ("réponse vue", "réponses vues"),
    "excluded": ("hors périmètre", "hors périmètre"),
}
"""What one promise, and several, are called that ended so."""


async def every(visit: Visit) -> Response:
    """Shows all months since go-live: reply rate, and whether figures are closed.

    Closed (by whom, when), to be closed, running, or nothing promised.
    """
    closed = {month.month: month for month in await months.every(visit.connection)}
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    rows = []
    for month in _since(visit):
        head = closed.get(month)
        promises = await (
            store.standing(visit.connection, month)
            if head is None
            else months.promises(visit.connection, month)
        )
        figures = with_totals(promises) if head is None else with_totals(promises, head.definition)
        reply = next(
            (figure for figure in figures if _is_total(figure) and figure.clock == REPLY), None
        )
        state = (
            f"clos le {labels_fr.short_day(head.closed_on(zone))} par {names.person(head.by)}"
            if head is not None
            else "à clore"
            if promises and month < visit.today.replace(day=1)
            else "en cours"
            if month >= visit.today.replace(day=1)
            else "rien n’y a été promis"
        )
        rows.append((_address(month), _name(month), _rate(reply), state))
    return await visit.html("indicators/months.html", rows=rows)


async def show_month(visit: Visit) -> Response:
    """Shows the figures of one month as they were closed, or as closing them now would."""
    month = visit.month
    head = await months.read_closed_month(visit.connection, month)
    if head is None:
        return await _open(visit, month)
    then = await months.promises(visit.connection, month)
    names = Names(visit.applied.site, visit.directory)
    later = await month_corrections.month_corrections(visit.connection, visit.applied.site, head)
    hidden = await months.unknown(
        visit.connection, [moved.item_id for moved in later], visit.roles.seen
    )
    sealed = await quality.sealed_month(visit.connection, visit.applied.site.identity.id, month)
    return await visit.html(
        "indicators/month.html",
        name=_name(month),
        here=_address(month),
        month=head,
        aim=monthly_sheet.aim(head.target),
        n=len(then),
        by=names.person(head.by),
        at=labels_fr.moment(head.closed_at, visit.applied.site.zone),
        figures=_table(with_totals(then, head.definition), names),
        corrections=[correction(moved, names) for moved in later if moved.item_id not in hidden],
        late=sum(moved.late_then(visit.applied.site.zone) for moved in later),
        hidden=sum(moved.item_id in hidden for moved in later),
        sealed=sealed,
        unverified=await has_unverified(visit.connection, visit.applied.site, [CLOCKS[REPLY]]),
        refused="",
        checks=[],
        step="closed",
        running=0,
        last=None,
        may=False,
    )


async def _open(visit: Visit, month: date, step: str = "open") -> Response:
    names = Names(visit.applied.site, visit.directory)
    refused, found = "", None
    try:
        found = await month_closure.draft(
            visit.connection, month, visit.person, visit.applied, visit.now
        )
    except Refused as why:
        refused = french(why, names)
    promises = await store.standing(visit.connection, month) if found is None else found.promises
    return await visit.html(
        "indicators/month.html",
        name=_name(month),
        here=_address(month),
        month=None if found is None else found.head,
        aim="",
        n=len(promises),
        by="",
        at="",
        figures=_table(with_totals(promises), names),
        corrections=[],
        late=0,
        hidden=0,
        sealed=None,
        unverified=await has_unverified(visit.connection, visit.applied.site, [CLOCKS[REPLY]]),
        refused=refused,
        checks=[] if refused else await month_checks.checklist(visit, month),
        step=step,
        running=0 if found is None else found.running,
        last=None if found is None else found.last,
        may=visit.roles.answers_for_quality,
    )


async def confirm(visit: Visit) -> Response:
    """Shows the form that confirms the closing of a month, with what it would fix for ever."""
    if not visit.roles.answers_for_quality:
        raise HTTPException(403, "Un mois est clos par le référent qualité, qui en répond.")
    month = visit.month
    if await months.read_closed_month(visit.connection, month) is not None:
        return await visit.to(_address(month))
    return await _open(visit, month, "confirm")


async def close(visit: Visit) -> Response:
    """Handles the form that closes a month, with exactly the figures that its page showed."""
    month, form = visit.month, await visit.form()
    await month_closure.close(
        visit.connection,
        month,
        visit.person,
        visit.applied,
        visit.now,
        SESSION,
        shown=form.text("empreinte"),
        early=form.is_ticked("malgre"),
        may=visit.roles.answers_for_quality,
    )
    return await visit.to(_address(month), said=f"{_name(month).capitalize()} est clos.")


async def figures_csv(visit: Visit) -> Response:
    """Downloads the figures of a closed month as CSV, with totals and intervals."""
    head, promises = await _closed(visit)
    rows = lines(with_totals(promises, head.definition))
    return our_file(_csv(rows), "text/csv", f"chiffres-{head.month:%Y-%m}.csv")


async def promises_csv(visit: Visit) -> Response:
    """Downloads as CSV the list of deadlines from which a closed month's hash is computed."""
    head, promises = await _closed(visit)
    item_ids = [promise.item_id for promise in promises]
    if await months.unknown(visit.connection, item_ids, visit.roles.seen):
        raise HTTPException(
            403,
            "Ce mois a des courriers réservés que vous ne pouvez pas voir : le secrétaire général"
            " prend cette liste.",
        )
    rows = [NAMES, *map(fields, sorted(promises, key=lambda one: (one.chrono, one.clock)))]
    return our_file(_csv(rows), "text/csv", f"engagements-{head.month:%Y-%m}.csv")


async def sheet(visit: Visit) -> Response:
    """Downloads the PDF of a closed month to be signed: figures, rules, hash and root."""
    head, promises = await _closed(visit)
    site = visit.applied.site
    sealed = await quality.sealed_month(visit.connection, site.identity.id, head.month)
    names = Names(site, visit.directory)
    content = monthly_sheet.print_month(
        head, _table(with_totals(promises, head.definition), names), len(promises),
        names.person(head.by), sealed, await roots.last(visit.connection), site,
        unverified=await has_unverified(visit.connection, site, [CLOCKS[REPLY]]),
    )  # fmt: skip
    return our_file(content, "application/pdf", f"mois-{head.month:%Y-%m}.pdf")


def _table(figures: Sequence[Figure], names: Names) -> Sequence[tuple[str, str, str, str, str]]:
    """Service, channel, promise, rate and what stands beside it, in words."""
    return [
        (
            names.service(figure.service) if figure.service else "Tous les services",
            labels_fr.CHANNELS[Channel(figure.channel)] if figure.channel else "tous",
            labels_fr.CLOCKS.get(ClockName(figure.clock), figure.clock),
            _rate(figure),
            ", ".join(
                others(result, count)
                for result, count in sorted(figure.counts.items())
                if result != "kept"
            ),
        )
        for figure in figures
    ]


def others(result: str, count: int) -> str:
    """Formats in French how many promises of a month had a result other than kept."""
    one, several = RESULTS.get(result, (result, result))
    return f"{count} {several if count > 1 else one}"


def _rate(one: Figure | None) -> str:
    """« 25 sur 31, soit 81 % (entre 64 et 91 %) »; below ten, the numbers alone."""
    if one is None or one.n == 0:
        return "rien à juger"
    kept = one.counts.get("kept", 0)
    if one.n < FEW:
        return f"{kept} sur {one.n}"
    low, high = one.interval
    return (
        f"{kept} sur {one.n}, soit {kept / one.n:.0%} (entre {low * 100:.0f} et {high:.0%})"
    ).replace("%", "\N{NO-BREAK SPACE}%")


def _is_total(one: Figure) -> bool:
    return not one.service and not one.channel


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


async def _closed(visit: Visit) -> tuple[Month, Sequence[MonthPromise]]:
    month = visit.month
    head = await months.read_closed_month(visit.connection, month)
    if head is None:
        raise HTTPException(404, "Ce mois n’est pas clos.")
    return head, await months.promises(visit.connection, month)


def _since(visit: Visit) -> Sequence[date]:
    """The months from the go-live to the running one, the latest first."""
    first = visit.applied.first_month
    found, month = list[date](), visit.today.replace(day=1)
    while first is not None and month >= first:
        found.append(month)
        month = local_days.month_before(month)
    return found


def _address(month: date) -> str:
    return f"/mois/{month:%Y-%m}"


def _name(month: date) -> str:
    return local_days.month_of(month)
