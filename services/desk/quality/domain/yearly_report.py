"""The report of a year as blocks of a document, from its months to what comes after. Pure.

Every part is there, and says that it has nothing where it has nothing: a part that is missing
would be read as one that went well. Words come ready; figures are never added up here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from services.desk.open_document import (
    Bullets,
    DocumentBlock,
    DocumentHeading,
    DocumentTable,
    DocumentText,
)

NO_SURVEY: Final = "Aucune enquête close dans l’année n’a de résultats publiés."
FIGURE: Final = ("Tenus", "Jugés", "Taux", "Intervalle à 95 %")
FigureCells = tuple[str, str, str, str]
"""Kept, judged, rate, interval."""
OF_TODAY: Final = (
    "De tous les mois de l’année, tels que le registre les dit quand ce bilan est fait."
)


@dataclass(frozen=True, slots=True)
class YearParts:
    """The parts of a year's quality report, in words."""

    year: int
    authority: str
    told: str
    """The replies of the closed months in one sentence."""
    verdict: str
    before: str
    """The replies of the year before and the change; empty: none to compare with."""
    unverified: str
    """What the delays rest on, where nobody read it; empty: they were read."""
    months: Sequence[tuple[str, FigureCells, str]]
    """Of each closed month its name, its figure and its hash."""
    missing: Sequence[str]
    """Months that are not closed."""
    services: Sequence[tuple[str, FigureCells]]
    promises: Sequence[tuple[str, FigureCells]]
    causes: Sequence[tuple[str, str]]
    complaints: Sequence[tuple[str, str, str]]
    """Theme, received, replies in time."""
    survey: Sequence[str]
    """Lines; empty: no survey."""
    measures: Sequence[tuple[str, str, str, str, str, str]]
    """Number, born of, service, due day, state, effect."""
    findings: Sequence[tuple[str, str, str, str]]
    """Number, day, engagement, what became of it."""
    audits: Sequence[tuple[str, str]]
    """Day and step."""
    committee: Sequence[str]
    groups: Sequence[str]
    """Committees and working groups that met, and their decisions."""
    coming: Sequence[tuple[str, str]]
    """Day and step of the label in the year that follows."""
    running: Sequence[str]
    """Measures that go on."""


def blocks(parts: YearParts) -> Iterator[DocumentBlock]:
    """Yields the blocks of a year's quality report, in its order."""
    yield DocumentHeading(f"Bilan annuel {parts.year}")
    yield DocumentText(parts.authority)
    yield DocumentText(f"Réponses à temps, dans les mois clos de {parts.year} : {parts.told}.")
    yield DocumentText(parts.verdict)
    if parts.before:
        yield DocumentText(parts.before)
    if parts.unverified:
        yield DocumentText(f"{parts.unverified[0].upper()}{parts.unverified[1:]}.")
    yield from _figures(parts)
    yield from _complaints(parts)
    yield DocumentHeading("Enquête de satisfaction", 2)
    yield from _lines(parts.survey, NO_SURVEY)
    yield from _measures(parts)
    yield from _audits(parts)
    yield DocumentHeading("Comité local des usagers", 2)
    yield from _lines(parts.committee, "Le comité ne s’est pas réuni.")
    yield DocumentHeading("Comité de pilotage et groupes de travail", 2)
    yield from _lines(parts.groups, "Aucun groupe ne s’est réuni.")
    yield from _next(parts)


def _figures(parts: YearParts) -> Iterator[DocumentBlock]:
    yield DocumentHeading("Mois clos", 2)
    if parts.missing:
        yield DocumentText(
            f"Mois non clos, qui ne comptent dans aucun chiffre : {', '.join(parts.missing)}."
        )
    yield from _table(
        "Mois clos",
        ("Mois", *FIGURE, "Empreinte"),
        [(name, *figure, hash_) for name, figure, hash_ in parts.months],
    )
    yield DocumentHeading("Réponses par service", 2)
    rows = [(name, *figure) for name, figure in parts.services]
    yield from _table("Réponses par service", ("Service", *FIGURE), rows)
    yield DocumentHeading("Autres engagements", 2)
    rows = [(name, *figure) for name, figure in parts.promises]
    yield from _table("Autres engagements", ("Engagement", *FIGURE), rows)
    yield DocumentText("Moins de dix jugés : aucun taux, il ne prouverait rien.")
    yield DocumentHeading("Causes des retards", 2)
    yield DocumentText(OF_TODAY)
    yield from _table("Causes des retards", ("Cause", "Réponses en retard"), parts.causes)


def _complaints(parts: YearParts) -> Iterator[DocumentBlock]:
    yield DocumentHeading("Réclamations", 2)
    yield DocumentText(OF_TODAY)
    titles = ("Thème", "Reçues", "Réponses à temps")
    yield from _table("Réclamations", titles, parts.complaints)


def _measures(parts: YearParts) -> Iterator[DocumentBlock]:
    yield DocumentHeading("Mesures correctives et leurs effets", 2)
    titles = ("N°", "Née de", "Service", "Échéance", "État", "Effet")
    yield from _table("Mesures correctives", titles, parts.measures)


def _audits(parts: YearParts) -> Iterator[DocumentBlock]:
    yield DocumentHeading("Audits et constats", 2)
    yield from _table("Audits", ("Tenu le", "Étape"), parts.audits)
    titles = ("N°", "Constaté le", "Engagement", "Suite")
    yield from _table("Constats", titles, parts.findings)


def _next(parts: YearParts) -> Iterator[DocumentBlock]:
    yield DocumentHeading(f"Ce qui vient en {parts.year + 1}", 2)
    yield from _table("Label", ("Date", "Étape"), parts.coming)
    yield from _lines(parts.running, "Aucune mesure n’est en cours.")


def _table(
    name: str, titles: Sequence[str], rows: Sequence[Sequence[str]]
) -> Iterator[DocumentTable | DocumentText]:
    yield DocumentTable(name, titles, rows) if rows else DocumentText(f"{name} : aucun.")


def _lines(lines: Sequence[str], nothing: str) -> Iterator[Bullets | DocumentText]:
    yield Bullets(lines) if lines else DocumentText(nothing)
