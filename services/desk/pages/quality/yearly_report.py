"""`/chiffres/annee/YEAR/rapport.odt`: the report of a year, to be finished in a word processor.

Its figures are of closed months alone; months that are not closed are named. The same register
gives the same octets: nothing in it says when it was made.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Final

from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.open_document import open_document
from services.desk.pages.downloads import our_file
from services.desk.pages.quality import (
    figure_words,
    label_findings,
    report_parts,
    survey_lines,
    year_figures,
)
from services.desk.pages.visit import Visit
from services.desk.quality.domain import groups, verdicts
from services.desk.quality.domain.committee import Committee, fold
from services.desk.quality.domain.figures import REPLY, FigureRow
from services.desk.quality.domain.label_facts import AuditFinding
from services.desk.quality.domain.measures import Measure, MeasureState
from services.desk.quality.domain.yearly_report import FigureCells, YearParts, blocks
from services.desk.quality.store import committee, figures, label
from services.desk.store import months
from services.desk.store.unread_delays import UNVERIFIED, has_unverified
from shared.facts.quality.committee import RemarkKind

ODT: Final = "application/vnd.oasis.opendocument.text"


async def report(visit: Visit) -> Response:
    """Downloads the quality report of the year in the address. Raises HTTPException 404."""
    year = year_figures.year_asked(visit)
    parts = await _parts(visit, year)
    foot = f"{parts.authority}, bilan annuel {year}"
    title = f"Bilan annuel {year}"
    async with visit.apart():
        content = await asyncio.to_thread(open_document, title, list(blocks(parts)), foot)
    return our_file(content, ODT, f"bilan-{year}.odt")


async def _parts(visit: Visit, year: int) -> YearParts:
    first, last = date(year, 1, 1), date(year, 12, 1)
    site, names = visit.applied.site, Names(visit.applied.site, visit.directory)
    over = [
        month
        for month in await report_parts.closed_months(visit, first, last)
        if month.month <= visit.today.replace(day=1)
    ]
    table = await report_parts.closed_figures(visit, first, last)
    targets = await _targets(visit, year)
    total = table.of(REPLY)
    measures = await report_parts.measures(visit)
    held, found = await _audits(visit, year)
    return YearParts(
        year=year,
        authority=site.identity.authority,
        told=figure_words.whole(total, *(targets if len(targets) == 1 else ())),
        verdict=figure_words.verdict_of(total, targets),
        before=await _before(visit, year, total),
        unverified=UNVERIFIED if await has_unverified(visit.connection, site, [REPLY]) else "",
        months=[
            (month.name, _cells(month.figure), month.hash)
            for month in over
            if month.figure is not None
        ],
        missing=[
            f"{month.name} (en cours)" if month.month == visit.today.replace(day=1) else month.name
            for month in over
            if month.figure is None
        ],
        services=[(name, _cells(row)) for name, row in report_parts.services(table, names)],
        promises=[(name, _cells(row)) for name, row in report_parts.promises(table)],
        causes=[(said, str(n)) for said, n in await report_parts.causes(visit, first, last)],
        complaints=[
            (theme, str(n), figure_words.whole(row))
            for theme, n, row in await report_parts.themes(visit, first, last)
        ],
        survey=await survey_lines.of_year(visit, year),
        measures=[
            (str(line.number), line.source, line.service, line.due, line.state, line.effect)
            for line in (
                report_parts.measure(visit, row) for row in measures if _of_year(visit, row, year)
            )
        ],
        findings=found,
        audits=held,
        committee=_committee(visit, await committee.committee(visit.connection), year),
        groups=await _groups(visit, measures, year),
        coming=[
            (labels_fr.short_day(line.planned or line.due.due), line.due.text)
            for line in await report_parts.dates(visit)
            if (line.planned or line.due.due).year == year + 1
        ],
        running=[
            f"Mesure n° {line.number}, {line.source} ({line.service}) : {line.state}, échéance"
            f" {line.due}."
            for line in (
                report_parts.measure(visit, row)
                for row in measures
                if row.state in report_parts.OPEN
            )
        ],
    )


async def _targets(visit: Visit, year: int) -> Sequence[float]:
    """The targets by which the closed months of a year were judged, each once, the lowest first.

    That of the year's last day while none is closed.
    """
    heads = await months.every(visit.connection)
    judged = {head.target for head in heads if head.month.year == year}
    if judged:
        return sorted(judged)
    return [await figures.target(visit.connection, min(visit.today, date(year, 12, 31)))]


def _cells(row: FigureRow | None) -> FigureCells:
    if row is None:
        return "–", "–", "–", "–"
    return str(row.k), str(row.n), figure_words.rate(row), figure_words.interval(row)


async def _before(visit: Visit, year: int, total: FigureRow) -> str:
    """The replies of the year before (closed months), and whether the change is established."""
    table = await report_parts.closed_figures(visit, date(year - 1, 1, 1), date(year - 1, 12, 1))
    earlier = table.of(REPLY)
    if not earlier.n:
        return ""
    changed = figure_words.change_text(verdicts.change_of(earlier, total))
    said = f"Mois clos de {year - 1} : {figure_words.whole(earlier)}."
    return f"{said} {changed}." if changed else said


def _of_year(visit: Visit, measure: Measure, year: int) -> bool:
    """Whether a measure was open at any time of the year."""
    zone = visit.applied.site.zone
    if measure.opened_at.astimezone(zone).year > year:
        return False
    closed = measure.state is MeasureState.CLOSED
    return not closed or measure.facts[-1].happened_at.astimezone(zone).year >= year


async def _audits(
    visit: Visit, year: int
) -> tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str, str, str]]]:
    """The steps of the label that were held in the year, and the findings that it stated."""
    facts = await label.label_facts(visit.connection)
    framework = visit.applied.site.quality.current
    steps = {} if framework is None else {step.id: step.text for step in framework.calendar}
    held = [
        (labels_fr.short_day(on), steps.get(step, step))
        for (step, _), on in sorted(facts.held.items(), key=lambda pair: (pair[1], pair[0]))
        if on.year == year and not step.endswith("-documents")
    ]
    return held, [
        (
            str(finding.number),
            labels_fr.short_day(finding.stated.on),
            label_findings.engagement_text(visit, finding),
            _became(finding),
        )
        for finding in facts.findings.values()
        if finding.stated.on.year == year
    ]


def _became(finding: AuditFinding) -> str:
    if finding.lifted is not None:
        return f"levé le {labels_fr.short_day(finding.lifted.on)}"
    if finding.answered is not None:
        return f"répondu, action pour le {labels_fr.short_day(finding.answered.due)}"
    return "à répondre" if finding.must_be_lifted else "noté"


def _committee(visit: Visit, found: Committee, year: int) -> Sequence[str]:
    """The meetings of the year, and what became of what was said there: numbers, no names."""
    zone = visit.applied.site.zone
    lines = []
    for meeting in found.meetings.values():
        day = meeting.at.astimezone(zone).date()
        if not meeting.held or day.year != year:
            continue
        asking = [
            remark
            for remark in found.of_meeting(meeting.number)
            if remark.kind is not RemarkKind.SATISFACTION
        ]
        lines.append(
            f"Réunion du {labels_fr.short_day(day)} ; présents : {len(meeting.present)} ;"
            f" observations et questions : {len(asking)}, dont répondues :"
            f" {sum(remark.answered for remark in asking)}, suivies d’une mesure :"
            f" {sum(remark.measure is not None for remark in asking)}."
        )
    return lines


async def _groups(visit: Visit, measures: Sequence[Measure], year: int) -> Sequence[str]:
    """The meetings of the year of each group, and the measures that they decided."""
    facts, zone = await committee.facts(visit.connection), visit.applied.site.zone
    known = groups.groups(facts)
    names = await committee.group_names(visit.connection, list(known.values()))
    lines = []
    for number, name in names.items():
        found = fold(groups.of_group(facts, number))
        for meeting in found.meetings.values():
            day = meeting.at.astimezone(zone).date()
            if not meeting.held or day.year != year:
                continue
            decided = groups.decisions(measures, meeting.subject)
            numbers = ", ".join(f"n° {measure.number}" for measure in decided)
            said = f"{len(decided)} décisions (mesures {numbers})" if decided else "aucune décision"
            lines.append(
                f"{name}, réunion du {labels_fr.short_day(day)} : {len(meeting.present)} présents,"
                f" {said}."
            )
    return lines
