"""What is decided about one measure: cause, action, day, proof, effect, verdict."""

from datetime import date
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.pages.quality import figure_address, figure_words, measure_words, measures
from services.desk.pages.quality.figure_address import month_asked
from services.desk.pages.visit import Visit
from services.desk.quality.domain.effects import EffectWindow, later
from services.desk.quality.domain.figures import OF_TODAY, REPLY
from services.desk.quality.measure_service import EffectFigure
from services.desk.quality.store import figures
from services.desk.quality.store.figures import FigureQuestion
from services.desk.store import months
from shared.calendar.local_days import month_of
from shared.facts.quality.measures import MeasureVerdict
from shared.facts.vocabulary import Channel
from shared.web.forms import Form, Mistyped

AHEAD: Final = 12
PAST: Final = 24
"""Months that the form of an effect offers."""


async def cause(visit: Visit) -> Response:
    """Records the cause that a corrective measure answers. Raises Refused."""
    measure, form = await measures.find_measure(visit, acts=True), await visit.form()
    await measures.desk(visit).cause(measure.number, form.require("cause", "Écrivez la cause."))
    return await _back(visit, measure.number, "Cause notée.")


async def action(visit: Visit) -> Response:
    """Records the action of a corrective measure. Raises Refused."""
    measure, form = await measures.find_measure(visit, acts=True), await visit.form()
    await measures.desk(visit).action(measure.number, form.require("action", "Écrivez l’action."))
    return await _back(visit, measure.number, "Action notée.")


async def postpone(visit: Visit) -> Response:
    """Postpones a corrective measure to another day, with the reason. Raises Refused."""
    measure, form = await measures.find_measure(visit, acts=True), await visit.form()
    due = form.day("echeance")
    if due is None:
        raise Mistyped("echeance", "Donnez la nouvelle échéance.")
    why = form.require("motif", "Dites pourquoi.")
    await measures.desk(visit).change(measure.number, why, due=due)
    return await _back(visit, measure.number, "Échéance changée.")


async def entrust(visit: Visit) -> Response:
    """Gives a corrective measure another owner, with the reason. Raises Refused."""
    measure, form = await measures.find_measure(visit), await visit.form()
    owner = form.require("responsable", "Choisissez le responsable.")
    why = form.require("motif_responsable", "Dites pourquoi.")
    await measures.desk(visit).change(measure.number, why, owner=owner)
    return await _back(visit, measure.number, "Mesure confiée.")


async def state_done(visit: Visit) -> Response:
    """Records that the action of a corrective measure was done, with its proof. Raises Refused."""
    measure, form = await measures.find_measure(visit, acts=True), await visit.form()
    proof = form.require("preuve", "Dites ce qui le prouve, et où.")
    await measures.desk(visit).record_done(measure.number, proof)
    return await _back(visit, measure.number, "Action faite.")


async def close(visit: Visit) -> Response:
    """Closes a corrective measure with a verdict. Raises Refused."""
    measure, form = await measures.find_measure(visit), await visit.form()
    verdict = form.word("verdict", MeasureVerdict)
    if verdict is None:
        raise Mistyped("verdict", "Concluez.")
    why = form.require("motif", "Dites pourquoi.")
    await measures.desk(visit).close(measure.number, verdict, why)
    return await _back(visit, measure.number, "Mesure close.")


async def reopen(visit: Visit) -> Response:
    """Reopens a closed corrective measure. Raises Refused."""
    measure, form = await measures.find_measure(visit), await visit.form()
    why = form.require("motif", "Dites pourquoi.")
    await measures.desk(visit).reopen(measure.number, why)
    return await _back(visit, measure.number, "Mesure rouverte.")


async def read(visit: Visit) -> Response:
    """Computes a measure's planned effect from the figures, and records it. Raises Refused."""
    measure = await measures.find_measure(visit)
    await visit.form()
    await measures.desk(visit).read(measure.number)
    return await _back(visit, measure.number, "Effet relu.")


async def effect(visit: Visit) -> Response:
    """Shows the form that plans a measure's effect, with what these months could prove."""
    measure = await measures.find_measure(visit)
    asked = visit.request.query_params
    closed = sorted(head.month for head in await months.every(visit.connection))[-PAST:]
    wanted = asked.get("attendu", "")
    chosen = EffectFigure(
        _figure(asked.get("code", "")) or _figure(measure.source.code) or REPLY,
        asked.get("service", measure.source.service or "") or None,
        asked.get("canal", measure.source.channel or "") or None,
    )
    before = EffectWindow(
        month_asked(asked.get("avant_de", ""))
        or (closed[-min(3, len(closed))] if closed else visit.today),
        month_asked(asked.get("avant_a", "")) or (closed[-1] if closed else visit.today),
    )
    table = await figures.figures(
        visit.connection,
        FigureQuestion(before.first, before.last, chosen.service, chosen.channel),
        [chosen.code],
        as_closed=True,
    )
    row = table.of(chosen.code)
    names = Names(visit.applied.site, visit.directory)
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 4):  # noqa: PLR2004  (per cent)
        wanted = ""
    hoped = int(wanted) / 100 if wanted else None
    coming = [later(visit.today, n) for n in range(1, AHEAD + 1)]
    return await visit.html(
        "quality/effect.html",
        measure=measure,
        chosen=chosen,
        before=before,
        after=(
            month_asked(asked.get("apres_de", "")) or coming[0],
            month_asked(asked.get("apres_a", "")) or coming[2],
        ),
        wanted=wanted,
        codes=[item for item in figure_words.TITLES.items() if item[0] not in OF_TODAY],
        choices=figure_address.choices(visit),
        closed=[(f"{month:%Y-%m}", month_of(month)) for month in reversed(closed)],
        coming=[(f"{month:%Y-%m}", month_of(month)) for month in coming],
        told=figure_words.whole(row),
        period=measure_words.period(before.first, before.last),
        power=measure_words.power(row, max(1, len(before.months)), hoped),
        name=figure_words.TITLES.get(chosen.code, chosen.code)
        + figure_words.scope(chosen.service or "", chosen.channel or "", names),
    )


def _figure(code: str | None) -> str:
    """The code, if it is of a figure whose closed months can be compared; else empty."""
    return code if code in figure_words.TITLES and code not in OF_TODAY else ""


async def plan(visit: Visit) -> Response:
    """Plans a corrective measure's effect: fixes its figure and months. Raises Refused."""
    measure, form = await measures.find_measure(visit), await visit.form()
    code, service, channel = (form.text(name) for name in ("code", "service", "canal"))
    services = {row.id for row in visit.applied.site.services.services}
    if not _figure(code):
        raise HTTPException(400, "Ce formulaire est incomplet.")
    if (service and service not in services) or (channel and channel not in set(Channel)):
        raise HTTPException(400, "Ce formulaire est incomplet.")
    wanted = form.number("attendu")
    if wanted is not None and not 0 < wanted <= 100:  # noqa: PLR2004  (per cent)
        raise Mistyped("attendu", "Donnez un pourcentage, de 1 à 100.")
    await measures.desk(visit).plan(
        measure.number,
        EffectFigure(code, service or None, channel or None),
        EffectWindow(_needed(form, "avant_de"), _needed(form, "avant_a")),
        EffectWindow(_needed(form, "apres_de"), _needed(form, "apres_a")),
        None if wanted is None else wanted / 100,
    )
    return await _back(visit, measure.number, "Effet prévu : chiffre et mois ne changent plus.")


def _needed(form: Form, name: str) -> date:
    found = month_asked(form.text(name))
    if found is None:
        raise Mistyped(name, "Choisissez un mois.")
    return found


async def _back(visit: Visit, number: int, said: str) -> Response:
    return await visit.to(measure_words.address(number), said=said)
