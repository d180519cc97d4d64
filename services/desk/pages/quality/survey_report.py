"""The report of a campaign as a text document: who answered, each question, two years together."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from services.desk.french import labels_fr
from services.desk.pages.quality import figure_words, survey_words
from services.desk.quality.domain.survey import SurveyCampaign
from services.desk.quality.domain.survey_results import (
    LEAST,
    PointVerdict,
    PublishedQuestion,
    SurveyResults,
)
from services.desk.quality.store import survey as store
from services.desk.quality.store import survey_results as results_store
from services.desk.quality.text_documents import TextDocument
from shared.facts.quality.measures import MeasureSource
from shared.platform.database import Connection
from shared.site.tables.survey import SurveyForm

METHOD = (
    "Satisfaits : niveaux 3 et 4 sur 4, parmi ceux qui ont donné un niveau. Intervalle de Wilson à"
    " 95 % ; évolution avec l’intervalle de Newcombe. Point fort : même le bas de l’intervalle"
    " atteint 80 %, avec trente réponses au moins. Point de vigilance : même le haut est"
    " au-dessous, ou une baisse est établie. Aucun nombre de moins de cinq personnes n’est dit ni"
    " ne se calcule."
)


@dataclass(frozen=True, slots=True)
class SurveyReport:
    """The parts of a survey report: a campaign and its results, and those of the one before."""

    campaign: SurveyCampaign
    form: SurveyForm
    results: SurveyResults
    earlier: SurveyCampaign | None
    past: SurveyResults | None
    unreached: str
    authority: str
    zone: ZoneInfo
    draft: bool
    visits: int = 0
    """How often the public page was opened."""


def response(
    campaign: SurveyCampaign, results: SurveyResults, visits: int
) -> Sequence[tuple[str, str]]:
    """Formats how many were asked in a survey and how many answered, as words and counts.

    Of the paper sheets that were handed out a share is told only if nobody answered otherwise: who
    answered by a poster, a mail or the telephone got no sheet.
    """
    found = [("Feuilles distribuées", str(campaign.handed_out))]
    if campaign.draws:
        drawn = sum(len(fact.items) for fact in campaign.draws)
        found.append(("Personnes tirées pour un courriel", str(drawn)))
    if visits:
        found.append(("Page du public ouverte", f"{visits} fois"))
    told = str(results.sheets) if results.sheets >= LEAST else f"moins de {LEAST}"
    found.append(("Réponses", told))
    asked = campaign.handed_out
    if asked >= results.sheets >= LEAST and not results.other_ways:
        found.append(
            (
                "Part des feuilles distribuées",
                figure_words.percentage(results.sheets / asked),
            )
        )
    return found


def period(campaign: SurveyCampaign, zone: ZoneInfo) -> str:
    """Formats the days of a survey campaign: « du 01/10/2026 au 30/10/2026 »."""
    first = labels_fr.short_day(campaign.opened_at.astimezone(zone).date())
    if campaign.closed_at is None:
        return f"depuis le {first}"
    return f"du {first} au {labels_fr.short_day(campaign.closed_at.astimezone(zone).date())}"


def odt(report: SurveyReport) -> bytes:
    """Renders the report of a survey campaign as a text document (.odt).

    Slow: call it in a thread.
    """
    state = "projet, non publié" if report.draft else "publié"
    title = f"Enquête de satisfaction n° {report.campaign.number}"
    document = TextDocument(title, f"{report.authority}, {title.lower()}, {state}")
    document.title(title)
    document.text(
        f"{report.authority}. {report.form.title}, {period(report.campaign, report.zone)}."
    )
    document.heading("Qui a répondu")
    document.table(("Rubrique", "Nombre"), response(report.campaign, report.results, report.visits))
    document.text(f"Qui n’a pas pu être atteint : {report.unreached}")
    document.heading("Résultats par question")
    document.table(
        ("Question", "Canal", "Répondu", "Satisfaits", "Taux", "Intervalle", "Lecture"),
        [
            (line.question, line.channel, line.answered, line.satisfied, line.rate, line.interval,
             line.verdict)
            for line in survey_words.lines(report.results)
        ],
    )  # fmt: skip
    if report.past is not None and report.earlier is not None:
        document.heading("Deux campagnes côte à côte")
        document.text(
            f"Campagne n° {report.earlier.number}, {period(report.earlier, report.zone)}, et"
            f" campagne n° {report.campaign.number}, {period(report.campaign, report.zone)}."
        )
        document.table(("Question", "Avant", "Maintenant", "Évolution"), _side_by_side(report))
    for verdict, heading in (
        (PointVerdict.STRONG, "Points forts"),
        (PointVerdict.WATCH, "Points de vigilance"),
    ):
        document.heading(heading)
        document.dashes(
            [question.text for question in report.results.questions if question.verdict is verdict]
            or ["aucun qui soit établi"]
        )
    document.heading("Méthode")
    document.text(METHOD)
    return document.save()


def _side_by_side(report: SurveyReport) -> Sequence[Sequence[str]]:
    past = (
        {}
        if report.past is None
        else {question.question: question for question in report.past.questions}
    )
    return [
        (
            question.text,
            _brief(past.get(question.question), question.text),
            _brief(question, question.text),
            figure_words.change_text(question.change) or "non comparable",
        )
        for question in report.results.questions
    ]


def _brief(question: PublishedQuestion | None, text: str) -> str:
    """A question in a cell: « 168 sur 190, 88 % »; of another wording nothing is compared."""
    if question is None or question.text != text or question.total is None:
        return survey_words.HIDDEN
    exact = question.total.exact
    if exact is None:
        return survey_words.interval(question.total)
    return f"{exact[0]} sur {exact[1]}, {survey_words.rate(question.total)}"


async def result_text(connection: Connection, source: MeasureSource) -> str:
    """Formats the published result of the survey question that a measure is about; else empty."""
    for campaign in await store.campaigns(connection):
        if campaign.number == source.number and campaign.published is not None:
            results = await results_store.published_results(connection, campaign)
            for question in results.questions:
                if f"{campaign.form}.{question.question}" == source.code:
                    said = _brief(question, question.text)
                    return f"Enquête n° {campaign.number}, « {question.text} » : {said}."
    return ""


def summary(
    campaign: SurveyCampaign, results: SurveyResults, title: str, zone: ZoneInfo
) -> Sequence[str]:
    """Formats a survey campaign in a few lines, for the agenda of the users' committee."""
    asked = dict(response(campaign, results, 0))
    head = (
        f"Enquête n° {campaign.number}, « {title} », {period(campaign, zone)} :"
        f" {asked['Réponses']} réponses, {asked['Feuilles distribuées']} feuilles distribuées."
    )
    lines = [head]
    for verdict in (PointVerdict.STRONG, PointVerdict.WATCH):
        lines += [
            f"{survey_words.VERDICTS[verdict].capitalize()} : {question.text}"
            f" {_brief(question, question.text)}."
            for question in results.questions
            if question.verdict is verdict
        ]
    return lines
