"""`/qualite/mesures/nouvelle`: a measure is opened about what stands on a line, in one click.

The address says what it is about: `source=figure&code=reponse&premier=2026-05&service=bmi`. The
page fills in what it can; whoever opens adds owner and day. `source=engagement&code=telephone` is
what somebody saw of an engagement of the label: the measure serves it, and has no other source.
"""

from datetime import date
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.quality import (
    figure_words,
    label,
    label_words,
    measure_words,
    measures,
    reception_words,
    survey_report,
)
from services.desk.pages.quality.figure_address import month_asked
from services.desk.pages.visit import Visit
from services.desk.quality import measure_proposals
from services.desk.quality.committee_service import CommitteeDesk
from services.desk.quality.domain import groups
from services.desk.quality.domain.committee import fold
from services.desk.quality.domain.complaints import ComplaintTable
from services.desk.quality.domain.effects import EffectWindow
from services.desk.quality.domain.figures import FigureRow
from services.desk.quality.domain.proposals import NO_SLOT
from services.desk.quality.store import committee, figures, places, reports
from services.desk.quality.store import measures as store
from services.desk.quality.store.figures import FigureQuestion
from services.desk.store import item_numbers, months
from shared.facts.envelope import Chrono, ServiceId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.measures import MeasureSource, SourceKind
from shared.facts.vocabulary import Channel, Nature
from shared.site.tables.quality import EngagementRow
from shared.web.forms import Mistyped

PATH: Final = f"{measures.URL}/nouvelle"
FIELDS: Final = (
    "source", "code", "premier", "dernier", "service", "canal", "courriers", "sujet", "numero",
)  # fmt: skip
"""What the address may say of the source."""
ENGAGEMENT: Final = "engagement"
"""In the address, for an engagement of the label: of a fact it is no source."""
DAYS: Final = 20
"""Jours ouvrés that the page proposes until the due day."""
DIGITS: Final = 10
"""A number has fewer."""


def address(source: MeasureSource) -> str:
    """Returns the address of the form that opens a measure about a source, without its items."""
    asked = {
        "source": source.kind.value,
        "code": source.code,
        "premier": None if source.first is None else f"{source.first:%Y-%m}",
        "dernier": None if source.last is None else f"{source.last:%Y-%m}",
        "service": source.service,
        "canal": source.channel,
        "sujet": source.about,
        "numero": source.number,
    }
    said = {name: str(value) for name, value in asked.items() if value is not None}
    return f"{PATH}?{urlencode(said)}"


async def page(visit: Visit) -> Response:
    """Shows the form that opens a corrective measure, prefilled from the address."""
    asked = {name: visit.request.query_params.get(name, "") for name in FIELDS}
    source = await _source(visit, asked)
    names, row = Names(visit.applied.site, visit.directory), _engagement(visit, asked)
    engagements = measure_words.engagements(names)
    served = source.code if row is None else row.id
    return await visit.html(
        "quality/new_measure.html",
        asked=[(name, value) for name, value in asked.items() if value],
        source=measure_words.source(source, names) if row is None else f"Label : {row.text}",
        free=source.kind is SourceKind.FREE and row is None,
        seen=await (_seen(visit, source, names) if row is None else _standing(visit, row)),
        engagement=served if served in engagements else "",
        engagements=list(engagements.items()),
        people=measures.people(visit),
        due=_due(visit),
    )


def _due(visit: Visit) -> date:
    """The day that is proposed: the one that somebody announced, or so many jours ouvrés ahead."""
    try:
        return date.fromisoformat(visit.request.query_params.get("echeance", ""))
    except ValueError:
        return visit.applied.days.add(visit.today, DAYS)


async def open_(visit: Visit) -> Response:
    """Opens a corrective measure. Raises Refused."""
    form = await visit.form()
    source = await _source(visit, {name: form.text(name) for name in FIELDS})
    if source.kind is SourceKind.DECISION and not await _decided(visit, source):
        raise Mistyped(
            "constat", "Une décision se note depuis la page de sa réunion, une fois tenue."
        )
    due = form.day("echeance")
    if due is None:
        raise Mistyped("echeance", "Donnez l’échéance.")
    engagement = form.text("engagement") or None
    names = Names(visit.applied.site, visit.directory)
    if engagement is not None and engagement not in measure_words.engagements(names):
        raise Mistyped("engagement", "Choisissez un engagement de la liste.")
    measure = await measures.desk(visit).open(
        source,
        form.require("constat", "Dites ce qui est constaté."),
        form.require("responsable", "Choisissez le responsable."),
        due,
        engagement,
    )
    if source.kind is SourceKind.REMARK and source.number is not None:
        committee_desk = CommitteeDesk(
            visit.connection, visit.author, visit.applied, visit.directory
        )
        await committee_desk.follow(source.number, measure=measure.number)
    said = f"Mesure n° {measure.number} ouverte."
    return await visit.to(measure_words.address(measure.number), said=said)


def _engagement(visit: Visit, asked: dict[str, str]) -> EngagementRow | None:
    """The engagement of the label that the address names, or `None`."""
    framework = visit.applied.site.quality.current
    if asked["source"] != ENGAGEMENT or framework is None:
        return None
    return framework.engagement.get(asked["code"])


async def _standing(visit: Visit, row: EngagementRow) -> str:
    """How an engagement of the label stands, and what it lacks, as the first text of a measure."""
    found = await label.view(visit)
    mine = next(standing for standing in found.standings if standing.row is row)
    state, _ = label_words.STATES[mine.state]
    return " ".join((f"« {row.text} » : {state}.", *label_words.gaps(mine, visit.today)))


async def _source(visit: Visit, asked: dict[str, str]) -> MeasureSource:
    """The source that the fields say; what they say wrongly is left out."""
    try:
        kind = SourceKind(asked["source"])
    except ValueError:
        kind = SourceKind.FREE
    if kind is SourceKind.FREE:
        return MeasureSource(kind=kind)
    known = {row.id for row in visit.applied.site.services.services}
    chronos = [Chrono(chrono) for chrono in asked["courriers"].split(",") if chrono]
    found = await item_numbers.by_chronos(visit.connection, chronos)
    unseen = await months.unknown(visit.connection, [*found.values()], visit.roles.seen)
    items_ = [found[c] for c in chronos if c in found and found[c] not in unseen]
    first = month_asked(asked["premier"])
    if kind is SourceKind.THEME and not items_ and first is None:
        since = measure_proposals.recent(visit.applied, visit.today)
        themes = await store.complaints(visit.connection, since, asked["code"])
        items_ = [*themes.get(asked["code"], ())]
    return MeasureSource(
        kind=kind,
        code=_code(visit, kind, asked["code"]),
        first=first,
        last=month_asked(asked["dernier"]) or first,
        service=ServiceId(asked["service"]) if asked["service"] in known else None,
        channel=asked["canal"] if asked["canal"] in set(Channel) else None,
        items=tuple(items_),
        about=_subject(asked["sujet"]),
        number=_number(asked["numero"]),
    )


async def _decided(visit: Visit, source: MeasureSource) -> bool:
    """Whether the source is a meeting that was held, of a group that was not dissolved."""
    facts = await committee.facts(visit.connection)
    for number, group in groups.groups(facts).items():
        met = fold(groups.of_group(facts, number)).meetings.get(source.number or 0)
        if met is not None and met.subject == source.about:
            return met.held and not group.ended
    return False


def _code(visit: Visit, kind: SourceKind, code: str) -> str | None:
    """Only a code that the register knows: a fact stays for ever, so it takes no text."""
    known = {
        SourceKind.FIGURE: figure_words.TITLES,
        SourceKind.THEME: visit.applied.site.labels.every_theme,
        SourceKind.PAGE: visit.applied.site.website.page,
        SourceKind.QUESTION: visit.applied.site.survey.question,
        SourceKind.INCIDENT: {NO_SLOT: NO_SLOT},
    }
    return code if code in known.get(kind, {}) else None


def _number(text: str) -> int | None:
    plain = text.isascii() and text.isdecimal() and len(text) < DIGITS
    return int(text) if plain else None


def _subject(text: str) -> SubjectId | None:
    try:
        return SubjectId(UUID(text))
    except ValueError:
        return None


async def _seen(visit: Visit, source: MeasureSource, names: Names) -> str:
    """What the source says of itself: of a figure its counts, as its page shows them."""
    if source.kind is SourceKind.THEME and source.code is not None:
        return await _complained(visit, source, source.code, names)
    if source.kind is SourceKind.INCIDENT and source.about is not None:
        return await _incident(visit, source)
    if source.kind is SourceKind.REMARK and source.number is not None:
        found = await committee.committee(visit.connection)
        remark = found.remarks.get(source.number)
        words = await committee.words(visit.connection, found)
        return "" if remark is None else words.of(remark.subject, remark.said)
    if source.kind is SourceKind.QUESTION:
        return await survey_report.result_text(visit.connection, source)
    if source.kind is not SourceKind.FIGURE or source.code is None or source.first is None:
        return ""
    last = source.last or source.first
    closed = {head.month for head in await months.every(visit.connection)}
    table = await figures.figures(
        visit.connection,
        FigureQuestion(source.first, last, source.service, source.channel),
        [source.code],
        as_closed=set(EffectWindow(source.first, last).months) <= closed,
    )
    figure = table.of(source.code)
    target = visit.applied.site.commitments.target
    scope = figure_words.scope(source.service or "", source.channel or "", names)
    return (
        f"{figure_words.TITLES.get(source.code, source.code)}{scope},"
        f" {measure_words.period(source.first, last)} : {said_of(figure, target)}"
    )


async def _complained(visit: Visit, source: MeasureSource, theme: str, names: Names) -> str:
    """How many complaints a theme had: in the months of the source, else in the last days."""
    if source.first is None:
        n, when = len(source.items), " en dix jours ouvrés"
    else:
        last = source.last or source.first
        asked = FigureQuestion(source.first, last, source.service, source.channel)
        found = await reports.complaints(visit.connection, asked)
        n = ComplaintTable(Nature.COMPLAINT.value, found).of(theme).received
        scope = figure_words.scope(source.service or "", source.channel or "", names)
        when = f"{scope}, {measure_words.period(source.first, last)}"
    return f"{n} réclamation{'s' if n > 1 else ''} du thème « {names.theme(theme)} »{when}."


async def _incident(visit: Visit, source: MeasureSource) -> str:
    """What was seen of the booking page: an incident, or days in a row without an appointment."""
    state, zone = await places.places(visit.connection, visit.applied.site), visit.applied.site.zone
    if source.code == NO_SLOT:
        return "Aucun créneau trouvé, trois jours essayés de suite ou plus."
    found = next(
        (incident for incident in state.incidents.values() if incident.subject == source.about),
        None,
    )
    if found is None:
        return ""
    seen = labels_fr.moment(found.seen_at, zone)
    kind = reception_words.INCIDENTS[found.kind]
    return f"Page de rendez-vous, incident n° {found.number} ({kind}), vu le {seen}."


def said_of(figure: FigureRow | None, target: float | None) -> str:
    """Formats a figure compared with its target, as the first text of a corrective measure."""
    if figure is None:
        return ""
    aim = "" if target is None else f", objectif {figure_words.aim(target)}"
    return f"{figure_words.whole(figure)}{aim}."
