"""Measures in French: their source, state, effect, and what was stated about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.quality import figure_words
from services.desk.quality.domain import effects
from services.desk.quality.domain.figures import FigureRow
from services.desk.quality.domain.measures import (
    Measure,
    MeasureState,
    all_before,
    some_before,
)
from services.desk.quality.domain.verdicts import Change
from services.desk.quality.store.texts import TextsByDigest
from shared.calendar.local_days import month_of
from shared.facts.envelope import Digest
from shared.facts.quality.measures import (
    EffectPlanned,
    EffectRead,
    MeasureSource,
    MeasureVerdict,
    RungAudience,
    SourceKind,
)

ERASED: Final = "(texte effacé)"
STATES: Final[Mapping[MeasureState, str]] = {
    MeasureState.TO_ANALYSE: "À analyser",
    MeasureState.RUNNING: "En cours",
    MeasureState.TO_VERIFY: "À vérifier",
    MeasureState.CLOSED: "Close",
}
COLUMNS: Final[Mapping[MeasureState, str]] = {**STATES, MeasureState.CLOSED: "Closes"}
"""The columns of the board, of several measures."""
VERDICTS: Final[Mapping[MeasureVerdict, str]] = {
    MeasureVerdict.EFFECTIVE: "efficace",
    MeasureVerdict.WITHOUT_EFFECT: "sans effet",
    MeasureVerdict.UNPROVEN: "faite, effet non établi",
    MeasureVerdict.GIVEN_UP: "abandonnée",
}
SOURCES: Final[Mapping[SourceKind, str]] = {
    SourceKind.THEME: "Réclamations d’un thème",
    SourceKind.FIGURE: "Chiffre",
    SourceKind.FINDING: "Constat d’audit",
    SourceKind.QUESTION: "Question de l’enquête",
    SourceKind.REMARK: "Remarque du comité",
    SourceKind.INCIDENT: "Incident",
    SourceKind.PAGE: "Page du site",
    SourceKind.DECISION: "Décision d’un comité ou groupe, réunion",
    SourceKind.FREE: "Constat libre",
}
HEARERS: Final[Mapping[RungAudience, str]] = {
    RungAudience.OWNER: "responsable",
    RungAudience.HEAD: "chef",
    RungAudience.DIRECTOR: "directeur",
    RungAudience.QUALITY: "référent qualité",
}


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """A corrective measure in French words, for the board, a list and its own page."""

    number: int
    url: str
    state: str
    source: str
    seen: str
    engagement: str
    owner: str
    due: date
    late: bool
    postponed: int
    cause: str
    action: str
    proof: str
    effect: str
    """With what must be known of it: months before the action, several readings."""
    verdict: str
    opened: str


def line(
    measure: Measure, words: TextsByDigest, names: Names, zone: ZoneInfo, today: date
) -> MeasureLine:
    """Formats a corrective measure in French, for the board, a list and its own page."""

    def text(digest: Digest | None) -> str:
        return "" if digest is None else words.get((measure.subject, digest), ERASED)

    return MeasureLine(
        number=measure.number,
        url=address(measure.number),
        state=STATES[measure.state],
        source=source(measure.source, names),
        seen=text(measure.seen),
        engagement=engagement(measure.engagement, names),
        owner=names.person(measure.owner),
        due=measure.due,
        late=measure.awaits_action and measure.due < today,
        postponed=measure.postponed,
        cause=text(measure.cause),
        action=text(measure.action),
        proof=text(measure.proof),
        effect=_effect(measure, zone),
        verdict="" if measure.verdict is None else VERDICTS[measure.verdict],
        opened=labels_fr.short_day(measure.opened_at.astimezone(zone).date()),
    )


def _effect(measure: Measure, zone: ZoneInfo) -> str:
    if measure.reading is None:
        return ""
    said = [effect(measure.reading)]
    if measure.plan is not None and measure.done_at is not None:
        done_on = measure.done_at.astimezone(zone).date()
        if some_before(measure.plan, done_on):
            when = "la fin" if all_before(measure.plan, done_on) else "le début"
            day = labels_fr.short_day(done_on)
            said.append(f"L’action a été faite le {day}, après {when} des mois relus")
    if measure.readings > 1:
        said.append(f"Effet relu {measure.readings} fois")
    return ". ".join(said)


def address(number: int) -> str:
    """Returns the address (URL) of a corrective measure's page."""
    return f"/qualite/mesures/{number}"


def engagement(code: str | None, names: Names) -> str:
    """Returns the French name of what a corrective measure serves; "" if nothing.

    `code` names a commitment that has a figure, or an engagement of the label.
    """
    return "" if code is None else engagements(names).get(code, code)


def engagements(names: Names) -> Mapping[str, str]:
    """Returns what a corrective measure may serve: commitments, and engagements of the label."""
    framework = names.site.quality.current
    rows = () if framework is None else framework.engagements
    return {**{row.id: row.text for row in rows}, **figure_words.TITLES}


def source(of: MeasureSource, names: Names) -> str:
    """Formats what a corrective measure was born from: « Chiffre : Réponse, BMI, mai 2026 »."""
    said = [] if of.code is None else [_code(of, of.code, names)]
    if of.service is not None:
        said.append(figure_words.short(of.service, names))
    if of.channel is not None:
        said.append(figure_words.channel(of.channel))
    if of.first is not None:
        said.append(period(of.first, of.last or of.first))
    if of.items:
        n = len(of.items)
        said.append(f"{n} courrier{'s' if n > 1 else ''}")
    if of.number is not None:
        said.append(f"n°\N{NO-BREAK SPACE}{of.number}")
    name = SOURCES[of.kind]
    return name if not said else f"{name}\N{NO-BREAK SPACE}: {', '.join(said)}"


def _code(of: MeasureSource, code: str, names: Names) -> str:
    if of.kind is SourceKind.THEME:
        return names.theme(code)
    if of.kind is SourceKind.INCIDENT:
        return "jours sans créneau"
    if of.kind is SourceKind.PAGE:
        page = names.site.website.page.get(code)
        return code if page is None else page.title
    if of.kind is SourceKind.QUESTION:
        return names.site.survey.question.get(code, code)
    return figure_words.TITLES.get(code, code)


def period(first: date, last: date) -> str:
    """Formats a span of months by their first days: « mai 2026 », « mars 2026 à mai 2026 »."""
    return month_of(first) if first == last else f"{month_of(first)} à {month_of(last)}"


def effect(reading: EffectRead) -> str:
    """Formats a measure's effect as read: « 25 sur 31 avant, 45 sur 50 après : +9 points (…) »."""
    change = figure_words.change_text(Change(reading.diff, reading.low, reading.high))
    counts = f"{reading.k1} sur {reading.n1} avant, {reading.k2} sur {reading.n2} après"
    waiting = reading.waiting1 + reading.waiting2
    s = "s" if waiting > 1 else ""
    more = f" ({waiting} non jugé{s}, compté{s} au plus défavorable)" if waiting else ""
    return f"{counts}{more}\N{NO-BREAK SPACE}: {change}"


def plan(of: EffectPlanned, names: Names) -> str:
    """Formats the planned effect of a corrective measure: figure, months before and after, hope."""
    what = [figure_words.TITLES.get(of.code, of.code)]
    if of.service is not None:
        what.append(figure_words.short(of.service, names))
    if of.channel is not None:
        what.append(figure_words.channel(of.channel))
    wanted = (
        "" if of.wanted is None else f" ; attendu\N{NO-BREAK SPACE}: {figure_words.aim(of.wanted)}"
    )
    return (
        f"{', '.join(what)}\N{NO-BREAK SPACE}: avant, {period(of.before_first, of.before_last)} ;"
        f" après, {period(of.after_first, of.after_last)}{wanted}"
    )


def power(before: FigureRow, months: int, wanted: float | None) -> Sequence[tuple[str, str, str]]:
    """Lists which effects of a measure one, three and six months of figures could prove, as text.

    Each with the months, the chance to prove the rate `wanted`, and the least rate that would be
    proven. `before`: the figure of the `months` before. Nothing under ten judged.
    """
    if before.rate is None or before.few:
        return []
    found = []
    for each in effects.SAMPLES:
        n = round(before.n / months * each)
        least = effects.visible(before.rate, n)
        seen = "aucun, même tout tenu" if least is None else figure_words.percentage(least)
        hope = "" if wanted is None else _chance(effects.chance(before.rate, wanted, n))
        found.append((f"{each} mois (environ {n} jugé{'s' if n > 1 else ''})", hope, seen))
    return found


def _chance(part: float) -> str:
    return f"{part * 100:.0f}\N{NO-BREAK SPACE}%"
