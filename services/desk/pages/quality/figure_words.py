"""Figures in French: rates with their n, intervals and verdicts, honest about small numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.domain.codes import CLOCKS
from services.desk.domain.months import DEFINITION, FEW, Month
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.quality.domain.figures import (
    ANSWERED,
    COMPLAINT,
    DEDUCTED,
    FORM,
    OUTSIDE,
    PROVEN,
    REASSIGNED,
    SAME_DAY,
    FigureRow,
    ReplyDelay,
)
from services.desk.quality.domain.verdicts import Change, ChangeVerdict, TargetVerdict, against
from shared.facts.vocabulary import Channel, ClockName
from shared.site.texts import rates
from shared.site.texts.rates import number

percentage = rates.percentage
TITLES: Final = {
    **{code: labels_fr.CLOCKS[ClockName(clock)] for clock, code in CLOCKS.items()},
    COMPLAINT: "Réponse aux réclamations",
    ANSWERED: "Réponses parties dans le mois",
    OUTSIDE: "Courriers hors périmètre",
    SAME_DAY: "Enregistrés le jour de leur réception",
    REASSIGNED: "Réattribués une fois triés",
    DEDUCTED: "Réponses au délai déduit d’une attente de pièces",
    PROVEN: "Réponses prouvées par un message, un serveur ou un scan",
    FORM: "Réponses composées d’une lettre type, grille de forme passée",
}
"""What each code counts."""
PROMISES: Final = (
    "enregistrement", "accuse-automatique", "services-publics-plus", "accuse-de-reception",
    COMPLAINT, "date-annoncee", "pieces", "transmission", "decision-implicite",
)  # fmt: skip
"""Beside the replies themselves, in the order in which a letter meets them."""
ALL_SERVICES: Final = "Tous les services"
ALL_CHANNELS: Final = "tous"
TOO_FEW: Final = "trop peu"
TODAY: Final = "aujourd’hui"


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A line of a table of quality figures with its rate, interval and delay in French."""

    service: str
    channel: str
    figure: FigureRow
    rate: str
    interval: str
    delay: str
    """Median and ninth decile."""
    total: bool


def aim(target: float) -> str:
    """Formats a target rate in French with all its decimals: « 92,5 % »."""
    return f"{target * 100:g}\N{NO-BREAK SPACE}%".replace(".", ",")


def rate(figure: FigureRow) -> str:
    """Formats the rate of a figure: « 81 % »; « trop peu » under ten judged, « – » for none."""
    if figure.rate is None:
        return "–"
    return TOO_FEW if figure.few else percentage(figure.rate)


def interval(figure: FigureRow) -> str:
    """Formats a rate's confidence interval: « de 64 à 91 % »; « – » under ten judged."""
    if figure.few:
        return "–"
    low, high = figure.ends
    return f"de {number(low)} à {percentage(high)}"


def brief(figure: FigureRow) -> str:
    """Formats a figure for a chart: « 25 sur 31, 81 % »; under ten judged « 3 sur 4 »."""
    if figure.rate is None:
        return "rien à juger"
    counts = f"{figure.k} sur {figure.n}"
    return counts if figure.few else f"{counts}, {percentage(figure.rate)}"


def whole(figure: FigureRow, *others: float) -> str:
    """Formats a figure and confidence interval: « 25 sur 31, soit 81 % (entre 64 et 91 %) »."""
    return rates.whole(figure.k, figure.n, figure.ends, figure.waiting, *others)


def verdict_of(figure: FigureRow, targets: Sequence[float]) -> str:
    """Formats the verdict on a year's rate, or that none counts since its target changed."""
    if len(targets) == 1:
        return verdict(figure, targets[0])
    named = ", ".join(aim(target) for target in targets)
    return f"L’objectif a changé dans l’année ({named}) : aucun verdict ne vaut pour toute l’année."


def verdict(figure: FigureRow, target: float) -> str:
    """Formats the verdict on a rate compared with its target, in one or two French sentences."""
    told = f"L’objectif de {aim(target)}"
    match against(figure, target):
        case TargetVerdict.NOTHING:
            return "Rien ne peut encore être jugé."
        case TargetVerdict.FEW:
            return "C’est trop peu pour un taux : sous dix, un pourcentage ne prouverait rien."
        case TargetVerdict.MET:
            why = "tout a été tenu" if target >= 1 else "même le bas de l’intervalle l’atteint"
            return f"{told} est atteint : {why}."
        case TargetVerdict.MISSED:
            below = "même le haut de l’intervalle est au-dessous"
            why = "tout n’a pas été tenu" if target >= 1 else below
            return f"{told} n’est pas atteint : {why}."
        case TargetVerdict.UNDECIDED:
            return (
                f"{told} est dans l’intervalle : avec ce nombre de courriers, on ne peut dire ni"
                " qu’il est atteint, ni qu’il ne l’est pas."
            )
        case TargetVerdict.WAITING:
            return (
                f"Tant que {figure.waiting} ne sont pas jugés, on ne peut dire si l’objectif de"
                f" {aim(target)} est atteint."
            )


def change_text(change: Change | None) -> str:
    """Formats the change of a rate: « +9 points (entre −6 et +27) : non établie »."""
    if change is None:
        return ""
    said = {
        ChangeVerdict.BETTER: "amélioration établie",
        ChangeVerdict.WORSE: "dégradation établie",
        ChangeVerdict.NOT_ESTABLISHED: "évolution non établie",
    }[change.verdict]
    ends = f"entre {_points(change.low)} et {_points(change.high)}"
    return f"{_points(change.difference)} points ({ends})\N{NO-BREAK SPACE}: {said}"


def _points(part: float) -> str:
    return f"{part * 100:+.0f}".replace("-", "\N{MINUS SIGN}")


def delay(found: ReplyDelay | None) -> str:
    """Formats reply delays in jours ouvrés: « 4 et 11 » (median, ninth decile).

    « – » without any delay, « trop peu » under the least number of replies.
    """
    if found is None:
        return "–"
    return TOO_FEW if found.n < FEW else f"{found.median} et {found.ninth_decile}"


def closed_on(head: Month, zone: ZoneInfo) -> str:
    """Formats the local day when a month's figures were closed, and their definition if another.

    « clos le 02/07/2026 », « clos le 02/07/2026, définition 1 ».
    """
    day = labels_fr.short_day(head.closed_on(zone))
    by = "" if head.definition == DEFINITION else f", définition {head.definition}"
    return f"clos le {day}{by}"


def service(id_: str | None, names: Names) -> str:
    """Returns the French name of a service, or the words for all services."""
    return ALL_SERVICES if id_ is None else names.service(id_)


def short(id_: str, names: Names) -> str:
    """Returns the short name of a service, to label a chart."""
    found = next((row for row in names.site.services.services if row.id == id_), None)
    return id_ if found is None else found.short


def scope(service_id: str, channel_id: str, names: Names) -> str:
    """Formats a page's filter for titles: « , BMI, courriel »; empty without a filter."""
    said = [short(service_id, names)] if service_id else []
    return "".join(f", {name}" for name in [*said, *([channel(channel_id)] if channel_id else [])])


def channel(id_: str | None) -> str:
    """Returns the French name of a channel (courriel …), or the words for all channels."""
    return ALL_CHANNELS if id_ is None else labels_fr.CHANNELS[Channel(id_)]
