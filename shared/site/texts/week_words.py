"""The French of the weekly page: what each figure counts, and what waits for a decision."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, assert_never

from shared.calendar.local_days import month_of, plain_day
from shared.facts.quality.figures import DecisionKind, FigureBasis, StatedDecision, StatedFigure
from shared.facts.quality.measures import MeasureSource, SourceKind
from shared.site.tables.labels import Labels
from shared.site.texts.templates import nombre

SETTLED: Final = "Réponses échues du {since} au {until}"
RECEIVED: Final = {
    "reponse": "Réponses aux courriers et courriels reçus en {month}",
    "accuse-de-reception": "Accusés de réception des demandes reçues en {month}",
    "date-annoncee": "Dates annoncées par les réponses d’attente parties en {month}",
}
"""By the code of the figure, as the register states it."""
OF_DATE: Final = ", à ce jour"


def label(figure: StatedFigure, counted_on: date) -> str:
    """Returns the name of a stated figure: « Réponses aux courriers … reçus en mai 2026 … »."""
    if figure.basis is FigureBasis.SETTLED:
        return SETTLED.format(since=plain_day(figure.first), until=plain_day(figure.last))
    named = RECEIVED.get(figure.code, figure.code).format(month=month_of(figure.first))
    running = figure.first == counted_on.replace(day=1)
    return named + (OF_DATE if running else "")


def beside(figure: StatedFigure) -> str:
    """Formats how many promises of a figure were not kept; empty where all were."""
    counted = (
        (figure.late, "partie en retard", "parties en retard"),
        (figure.unanswered, "classée sans réponse", "classées sans réponse"),
        (figure.overdue, "sans réponse, limite passée", "sans réponse, limite passée"),
    )
    return ", ".join(nombre(count, one, many) for count, one, many in counted if count)


def urgent(waiting: Iterable[StatedDecision]) -> Sequence[StatedDecision]:
    """Returns waiting decisions with the first of each kind before all others.

    Otherwise they keep their order.
    """
    rows = list(waiting)
    firsts = [next((row for row in rows if row.kind is kind), None) for kind in DecisionKind]
    first = [row for row in firsts if row is not None]
    return [*first, *(row for row in rows if not any(row is shown for shown in first))]


def decision(waiting: StatedDecision, service: str | None, labels: Labels) -> tuple[str, str]:
    """Returns the French sentence for a decision that waits, and the path of its page."""
    of = "" if service is None else f" ({service})"
    day = None if waiting.due is None else plain_day(waiting.due)
    match waiting.kind:
        case DecisionKind.LATE_MEASURE:
            said = f"Mesure n° {waiting.number}{of} : son action devait être faite le {day}"
            return said, f"/qualite/mesures/{waiting.number}"
        case DecisionKind.FINDING_DUE:
            what = "il attend une réponse" if day is None else f"son action est due le {day}"
            path = f"/qualite/label/constats/{waiting.number}"
            return f"Constat d’audit n° {waiting.number} : {what}", path
        case DecisionKind.PROPOSED_MEASURE:
            said = "" if waiting.source is None else _proposed(waiting.source, labels)
            return f"Mesure proposée{of} : {said}", "/qualite/mesures"
        case _:
            assert_never(waiting.kind)


def _proposed(source: MeasureSource, labels: Labels) -> str:
    if source.kind is SourceKind.THEME and source.code is not None:
        count = nombre(len(source.items), "réclamation", "réclamations")
        return f"{count} du thème « {labels.theme(source.code)} » en dix jours ouvrés"
    if source.first is None or source.last is None:
        return "à lire sur la page des mesures"
    span = f"de {month_of(source.first)} à {month_of(source.last)}"
    return f"réponses {span}, tout l’intervalle est sous l’objectif"
