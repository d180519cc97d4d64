"""What the system itself has to say on each point of an agenda.

Read when it is looked at; once the hour of the meeting has come, as it was known then, so that the
minutes say what was presented and nothing of what came later.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.letters import store as letters
from services.desk.letters.domain.library import LetterState
from services.desk.pages.quality import (
    committee_words,
    figure_words,
    label,
    label_dates,
    label_words,
    measure_words,
    survey_report,
)
from services.desk.pages.visit import Visit
from services.desk.quality.domain import minutes, proposals
from services.desk.quality.domain import places as places_rules
from services.desk.quality.domain.committee import Committee, Meeting
from services.desk.quality.domain.engagement_states import EngagementState
from services.desk.quality.domain.figures import COMPLAINT, REPLY
from services.desk.quality.domain.measures import MeasureState
from services.desk.quality.store import figures, places
from services.desk.quality.store import measures as measure_store
from services.desk.quality.store import survey as survey_store
from services.desk.quality.store import survey_results as results_store
from services.desk.quality.store.committee import CommitteeTexts
from services.desk.quality.store.figures import FigureQuestion
from services.desk.quality.store.label import label_facts
from services.desk.store import months
from shared.facts.quality.committee import AgendaPoint, RemarkKind

COMING: Final = 3
"""Dates of the label that an agenda names."""
YEAR: Final = timedelta(days=365)
"""How far the first meeting looks back."""


async def sources(
    visit: Visit, found: Committee, words: CommitteeTexts, meeting: Meeting
) -> Mapping[AgendaPoint, Sequence[str]]:
    """Returns what the register itself can report on each point of a meeting's agenda, as lines.

    A mark stands for each member's name (see `lines_with_names`). A point without sources has no
    lines.
    """
    as_of = min(meeting.at, visit.now)
    before = [
        held for held in found.meetings.values() if held.held and held.number < meeting.number
    ]
    since = before[-1].at if before else None
    return {
        AgendaPoint.ENGAGEMENTS: [
            *await _figures(visit, as_of),
            *await _engagements(visit, as_of),
        ],
        AgendaPoint.RECEPTION: await _reception(visit, since, as_of),
        AgendaPoint.LETTERS: await _letters(visit, since, as_of),
        AgendaPoint.SURVEY: await _survey(visit, as_of),
        AgendaPoint.MEASURES: [
            *_last_remarks(found.as_of(as_of), words, before),
            *await _measures(visit, as_of),
        ],
        AgendaPoint.LABEL: await _label(visit, as_of),
        AgendaPoint.QUESTIONS: [
            f"{minutes.member(remark.member)} :"
            f" {minutes.escape_marks(words.of(remark.subject, remark.said))}"
            for remark in found.of_meeting(meeting.number)
            if remark.between
        ],
    }


def lines_with_names(
    sources_: Mapping[AgendaPoint, Sequence[str]], found: Committee, words: CommitteeTexts
) -> Mapping[AgendaPoint, Sequence[str]]:
    """Returns the agenda's lines with members' names instead of marks; never to be stored."""

    def name(number: int) -> str:
        return committee_words.who(number, found, words)

    return {
        point: [minutes.name_members(line, name) for line in lines]
        for point, lines in sources_.items()
    }


async def _figures(visit: Visit, as_of: datetime) -> Sequence[str]:
    """Replies and complaints over the last three months closed by then, with n and months."""
    heads = {head.month: head for head in await months.every(visit.connection)}
    by_then = [month for month, head in heads.items() if head.closed_at <= as_of]
    closed = proposals.last_closed(by_then)
    if not closed:
        return []
    table = await figures.figures(
        visit.connection,
        FigureQuestion(closed[0], closed[-1]),
        [REPLY, COMPLAINT],
        as_closed=True,
    )
    period = measure_words.period(closed[0], closed[-1])
    aims = {REPLY: heads[closed[-1]].target}
    aims[COMPLAINT] = _complaints_target(visit) or aims[REPLY]
    return [
        f"{figure_words.TITLES[code]}, {period} : {figure_words.whole(table.of(code))},"
        f" objectif {figure_words.aim(aims[code])}."
        for code in (REPLY, COMPLAINT)
        if table.of(code).n
    ]


def _complaints_target(visit: Visit) -> float | None:
    """What the label promises of complaints, which may be more than the site does of replies."""
    framework = visit.applied.site.quality.current
    for row in () if framework is None else framework.engagements:
        if any(piece.code == COMPLAINT for piece in row.evidence):
            return row.target
    return None


async def _engagements(visit: Visit, as_of: datetime) -> Sequence[str]:
    """How many engagements are in each state.

    In a meeting that is past nothing, for proofs came since.
    """
    if visit.applied.site.quality.current is None or as_of != visit.now:
        return []
    counted = Counter(shown.state for shown in (await label.view(visit)).standings)
    told = ", ".join(
        f"{label_words.STATES[state][0]} : {counted[state]}"
        for state in EngagementState
        if counted[state]
    )
    return [f"Engagements du label, {told}."]


async def _reception(visit: Visit, since: datetime | None, as_of: datetime) -> Sequence[str]:
    """Incidents of the booking page and days without a slot since the last meeting, by this one."""
    site = visit.applied.site
    known = await places.places(visit.connection, site)
    state = places_rules.fold(
        [fact for fact in known.facts if fact.happened_at <= as_of], site.zone
    )
    first = since or as_of - YEAR
    from_, until = (moment.astimezone(site.zone).date() for moment in (first, as_of))
    seen = [incident for incident in state.incidents.values() if incident.seen_at > first]
    days = [day for day in state.days if from_ <= day.on <= until]
    said = f"Page de rendez-vous, depuis le {labels_fr.short_day(from_)}"
    lines = list[str]()
    if seen:
        going = sum(incident.ended_at is None for incident in seen)
        lines.append(f"{said}, incidents notés : {len(seen)}, dont non terminés : {going}.")
    if days:
        without = sum(not day.found for day in days)
        lines.append(f"{said}, jours essayés : {len(days)}, dont sans créneau : {without}.")
    return lines


async def _label(visit: Visit, as_of: datetime) -> Sequence[str]:
    """How long the label lasts by its framework, and its next dates."""
    framework = visit.applied.site.quality.current
    if framework is None:
        return []
    day = as_of.astimezone(visit.applied.site.zone).date()
    coming = [
        (line.planned or line.due.due, line.due.text)
        for line in label_dates.lines(visit, await label_facts(visit.connection, as_of))
        if (line.held is None or line.held > day) and (line.planned or line.due.due) > day
    ]
    duration = label_words.duration(framework)
    return [
        *([duration] if duration else []),
        *(f"{text} : pour le {labels_fr.short_day(on)}." for on, text in sorted(coming)[:COMING]),
    ]


async def _letters(visit: Visit, since: datetime | None, as_of: datetime) -> Sequence[str]:
    """Standard letters approved since the last meeting, and by this one."""
    zone = visit.applied.site.zone
    return [
        f"{version.content.title}, version {version.number}, approuvée le"
        f" {labels_fr.short_day(version.approved_at.astimezone(zone).date())}."
        for version in await letters.library(visit.connection, None)
        if version.state is LetterState.APPROVED
        and version.approved_at is not None
        and version.approved_at <= as_of
        and (since is None or version.approved_at > since)
    ]


async def _survey(visit: Visit, as_of: datetime) -> Sequence[str]:
    """The last published campaign of each form: who answered, strong points, points to watch.

    A campaign that goes on tells how many sheets came, and nothing of what they say: in a meeting
    that is past, not even that, for more came since.
    """
    known = await survey_store.campaigns(visit.connection)
    zone, lines = visit.applied.site.zone, list[str]()
    for campaign, results in await results_store.last_published(visit.connection, as_of):
        title = await survey_store.title_of(visit.connection, campaign)
        lines += survey_report.summary(campaign, results, title, zone)
    return lines + [
        f"Enquête n° {campaign.number}, {survey_report.period(campaign, zone)} :"
        f" {await survey_store.count(visit.connection, campaign.number)} réponses à ce jour."
        for campaign in known
        if campaign.open and as_of == visit.now
    ]


def _last_remarks(
    found: Committee, words: CommitteeTexts, before: Sequence[Meeting]
) -> Sequence[str]:
    """What became of the remarks of the last meeting."""
    if not before:
        return []
    remarks = committee_words.lines(found.of_meeting(before[-1].number), found, words)
    return [
        f"Remarque n° {line.number} de la dernière réunion : "
        + (
            f"mesure n° {line.measure}."
            if line.measure is not None
            else minutes.escape_marks(line.no_measure)
            if line.no_measure
            else "sans suite dite."
        )
        for line in remarks
        if line.kind != committee_words.KINDS[RemarkKind.SATISFACTION]
    ]


async def _measures(visit: Visit, as_of: datetime) -> Sequence[str]:
    """How many measures stood in each column by then, and the effects that were read."""
    known = await measure_store.every(visit.connection, as_of)
    if not known:
        return []
    names = Names(visit.applied.site, visit.directory)
    counted = Counter(measure.state for measure in known)
    told = ", ".join(
        f"{measure_words.COLUMNS[state].lower()} : {counted[state]}" for state in MeasureState
    )
    effects = [
        f"Mesure n° {measure.number}, {measure_words.source(measure.source, names)} :"
        f" {measure_words.effect(measure.reading)}."
        for measure in known
        if measure.reading is not None
    ]
    return [f"Mesures correctives, {told}.", *effects]
