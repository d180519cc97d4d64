"""`/qualite/nombres`: numbers of the label that somebody wants to replace, for a second person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.visit import Visit
from services.desk.quality.number_service import NumberService
from services.desk.store import number_confirmations
from shared.facts.vocabulary import ClockName
from shared.site.difference import NumberReplaced
from shared.site.replacements import KeptReplacement, LimitsMoved
from shared.site.tables.bundle import Site

PATH: Final = "/qualite/nombres"
MOST_NUMBER: Final = 2**31 - 1
FIELDS: Final[Mapping[str, str]] = {
    "target": "objectif",
    "every": "mois pendant lesquels une preuve compte",
    "at": "mois après la date du label",
    "documents": "mois dont les pièces précèdent l’étape",
}
"""What a number of a framework's row says, by the last word of its name."""


@dataclass(frozen=True, slots=True)
class NumberLine:
    """A number of the label in words: whose it is, its name in the rules, before and now."""

    what: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A request to replace numbers of the label, as the page shows it to a second person."""

    number: int
    author: str
    account: str
    why: str
    at: str
    lines: Sequence[NumberLine]
    moved: Sequence[str] | None
    """Sentences on the deadlines that move; `None`: nobody could tell."""
    confirms: bool
    """Whether who looks may confirm it."""


def service(visit: Visit) -> NumberService:
    """Makes the service object by which the signed-in person confirms numbers of the label."""
    return NumberService(visit.connection, visit.author, visit.applied, visit.directory)


async def show_numbers(visit: Visit) -> Response:
    """Shows the numbers of the label that wait for a second person, and those confirmed before."""
    mine = service(visit)
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    confirmed = await number_confirmations.confirmations(visit.connection)
    return await visit.html(
        "quality/numbers.html",
        path=PATH,
        waiting=[
            _shown(visit, kept, confirms=mine.may_confirm(kept)) for kept in await mine.waiting()
        ],
        confirmed=[
            (
                fact.request,
                labels_fr.moment(fact.happened_at, zone),
                names.author(fact.by),
                fact.numbers,
            )
            for fact in reversed([*confirmed.values()])
        ],
    )


async def confirm(visit: Visit) -> Response:
    """Agrees, as the second person, that numbers of the label (targets, months) be replaced.

    Replaces none: whoever asked runs their command again, which does it. Raises Refused.
    """
    await visit.form()
    number = min(visit.request.path_params["number"], MOST_NUMBER)
    kept = await service(visit).confirm(number)
    said = (
        f"Demande n° {kept.number} confirmée : {kept.what.author} peut relancer la commande,"
        " qui applique ces nombres et rien d’autre."
    )
    return await visit.to(PATH, said=said)


def _shown(visit: Visit, kept: KeptReplacement, *, confirms: bool) -> WaitingRequest:
    site, what = visit.applied.site, kept.what
    return WaitingRequest(
        number=kept.number,
        author=what.author,
        account=what.account,
        why=what.why,
        at=labels_fr.moment(kept.asked_at, site.zone),
        lines=[_line(site, number) for number in what.numbers],
        moved=None if what.moved is None else [_moved(counts) for counts in what.moved],
        confirms=confirms,
    )


def _line(site: Site, number: NumberReplaced) -> NumberLine:
    before, after = (_value(text) for text in (number.before, number.after))
    return NumberLine(_whose(site, number.name), number.name, before, after)


def _value(text: str) -> str:
    """A number as people write it: « 15 jours ouvrés », « aucun »."""
    return "aucun" if text == str(None) else text.replace("jours_ouvres", "jours ouvrés")


def _whose(site: Site, name: str) -> str:
    """Whose number it is, in words; empty where the rules that run name nothing of the kind."""
    table, _, row = name.partition(".")
    if table == "commitments":
        return "Délai promis"
    field = FIELDS.get(name.rpartition(".")[2], "")
    if table == "website":
        page = site.website.page.get(row.rpartition(".")[0])
        return "" if page is None else f"{page.title} : mois pendant lesquels une relecture compte"
    for framework in site.quality.frameworks:
        rows = [(row.id, row.text) for row in framework.engagements]
        rows += [(step.id, step.text) for step in framework.calendar]
        for row_id, text in rows:
            if name.startswith(f"{framework.name}.{row_id}."):
                return f"{text} : {field}"
    return field


def _moved(counts: LimitsMoved) -> str:
    """« Réponse : 12 échéances avancent, 3 reculent »."""
    parts = [
        f"{n} {single if n == 1 else several}"
        for n, single, several in (
            (counts.earlier, "échéance avance", "échéances avancent"),
            (counts.later, "échéance recule", "échéances reculent"),
            (counts.other, "échéance naît ou disparaît", "échéances naissent ou disparaissent"),
        )
        if n
    ]
    clock = labels_fr.CLOCKS[ClockName(counts.clock)]
    return f"{clock} : {', '.join(parts)}"
