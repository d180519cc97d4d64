"""What was sorted and still lacks a word: the day of receipt, and what silence will mean."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

from services.desk.domain.decisions.corrections import CorrectReceipt
from services.desk.domain.decisions.regimes import ConfirmRegime
from services.desk.french import labels_fr, silence_words
from services.desk.french.names import Names
from services.desk.pages.office import receipt_batches, stamps
from services.desk.pages.office.qualification import NO_REGIME
from services.desk.pages.office.receipt_batches import DAYS
from services.desk.pages.visit import Visit
from services.desk.service import STAMP
from services.desk.store import office_day
from shared.site.tables.regimes import Regime

REGIMES: Final = "/bureau/regimes"


async def days(visit: Visit) -> Response:
    """Shows the qualified items whose day of receipt nobody has confirmed."""
    names = Names(visit.applied.site, visit.directory)
    zone = visit.applied.site.zone
    waiting = await office_day.doubtful(visit.connection)
    read = await stamps.of_items(visit, [letter.item_id for letter in waiting])
    return await visit.html(
        "office/days.html",
        batches=await receipt_batches.lines(visit),
        lot=receipt_batches.LOT,
        rows=[
            {
                "chrono": doubtful.chrono,
                "category": names.category(doubtful.category),
                "day": doubtful.received_at.astimezone(zone).date().isoformat(),
                "stamp": read.get(doubtful.chrono),
            }
            for doubtful in waiting
        ],
    )


async def confirm_day(visit: Visit) -> Response:
    """Handles the form that confirms an item's day of receipt; its deadlines follow."""
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    form = await visit.form()
    stamped = form.day(stamps.TAKEN)
    if stamped is None:
        form.require("day", "Donnez le jour du tampon « reçu le ».")
    day = stamped or form.day("day") or visit.today
    command = CorrectReceipt(day, STAMP)
    item = await visit.decider(form.decision).about(sheet.item.item_id, command)
    return await visit.to(DAYS, said=f"{item.chrono} : reçu le {labels_fr.short_day(day)}.")


def regimes_of(visit: Visit) -> Mapping[str, Sequence[Regime]]:
    """Returns the regimes of implied decision that each category allows."""
    site = visit.applied.site
    allowed = {row.id: row.allowed for row in site.routing.categories}
    return {
        category: [site.regime[code] for code in codes if code in site.regime]
        for category, codes in allowed.items()
        if any(code in site.regime for code in codes)
    }


async def regimes(visit: Visit) -> Response:
    """Shows the items for which a regime of implied decision may have to be confirmed."""
    names, allowed = Names(visit.applied.site, visit.directory), regimes_of(visit)
    return await visit.html(
        "office/regimes.html",
        rows=[
            {
                "chrono": unsettled.chrono,
                "what": (
                    f"{labels_fr.NATURES[unsettled.nature]}, {names.category(unsettled.category)}"
                ),
                "received": labels_fr.short_day(unsettled.received_on),
                "regimes": [
                    {
                        "id": regime.id,
                        "said": f"{silence_words.EFFECTS[regime.effect]} à {regime.period.words()}",
                        "label": regime.label,
                        "text": regime.text,
                    }
                    for regime in allowed[unsettled.category]
                ],
            }
            for unsettled in await office_day.unsettled_regimes(visit.connection, sorted(allowed))
        ],
    )


async def confirm_regime(visit: Visit) -> Response:
    """Handles the form that confirms the regime of implied decision of an item."""
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    form = await visit.form()
    regime = form.require("regime", "Dites ce que vaudra le silence.")
    command = ConfirmRegime(None if regime == NO_REGIME else regime)
    item = await visit.decider(form.decision).about(sheet.item.item_id, command)
    said = "aucune décision implicite" if regime == NO_REGIME else "régime confirmé"
    return await visit.to(REGIMES, said=f"{item.chrono} : {said}.")
