"""`/qualite/label/dossier`: the candidature file, and the skeleton of an audit's report."""

import asyncio
from collections.abc import Sequence
from datetime import date

from starlette.responses import Response

from services.desk.domain.months import Month
from services.desk.french.names import Names
from services.desk.pages.downloads import our_file, our_large_file
from services.desk.pages.quality import (
    dossier_archive,
    figure_words,
    label,
    label_dates,
    label_findings,
    label_perimeter,
    label_words,
    report_parts,
    survey_report,
)
from services.desk.pages.quality.dossier_documents import (
    DossierParts,
    audit_report,
)
from services.desk.pages.visit import Visit
from services.desk.quality.domain.engagement_states import EngagementStanding
from services.desk.quality.domain.figures import REPLY
from services.desk.quality.domain.label_calendar import after
from services.desk.quality.store import committee, survey, survey_results, texts
from services.desk.quality.store.figures import FigureQuestion, figures
from services.desk.quality.store.label import draws, last_closed
from services.desk.store import label_perimeter as stored_perimeter
from services.desk.store import months
from services.desk.store.unread_delays import UNVERIFIED
from shared.calendar.local_days import month_of

PATH = f"{label.HOME}/dossier"
MONTHS = 12
ODT = "application/vnd.oasis.opendocument.text"


async def dossier(visit: Visit) -> Response:
    """Shows what the label's candidature file would hold, and what is missing from it."""
    parts = await _parts(visit)
    return await visit.html(
        "quality/dossier.html",
        parts=parts,
        path=PATH,
        documents=sum(proof.file is not None for proof in parts.proofs),
    )


async def candidature(visit: Visit) -> Response:
    """Downloads the label's candidature file as ZIP: same bytes for the same facts and day."""
    parts = await _parts(visit, leaves=True)
    async with visit.apart():
        packed = await dossier_archive.zip_dossier(parts, visit.blobs)
    kind = "projet-" if parts.unread else ""
    name = f"{kind}candidature-{parts.today.isoformat()}.zip"
    return our_large_file(packed, "application/zip", name)


async def report(visit: Visit) -> Response:
    """Downloads the skeleton of the report of an internal audit of the label."""
    parts = await _parts(visit, leaves=True)
    content = await asyncio.to_thread(audit_report, parts)
    return our_file(content, ODT, "audit-interne.odt")


async def _parts(visit: Visit, *, leaves: bool = False) -> DossierParts:
    """What the file is made of, in words.

    Raises HTTPException 503 where it `leaves` while a fact of the label can't be read.
    """
    found, names = await label.view(visit), Names(visit.applied.site, visit.directory)
    if leaves:
        label.whole(found.facts)
    rows = []
    for shown in found.standings:
        last = shown.last_proof
        rows.append(
            (
                str(shown.row.module),
                shown.row.text,
                shown.row.rule,
                label_words.STATES[shown.state][0],
                " ; ".join(label_words.value(piece, shown.row.target) for piece in shown.pieces),
                "" if last is None else f"{last.on:%d/%m/%Y}",
                await _lacks(visit, found, shown),
                UNVERIFIED if found.unread(shown.row) else "",
            )
        )
    findings = []
    for finding in found.facts.findings.values():
        said = await label_findings.finding_texts(visit, finding)
        findings.append(
            (
                str(finding.number),
                f"{finding.stated.on:%d/%m/%Y}",
                label_findings.engagement_text(visit, finding),
                label_words.GRADES[finding.stated.grade],
                said.finding,
                said.cause,
                said.correction,
                said.action,
                "" if finding.lifted is None else f"{finding.lifted.on:%d/%m/%Y}",
            )
        )
    closed = await last_closed(visit.connection, MONTHS)
    site = visit.applied.site
    return DossierParts(
        today=visit.today,
        authority=site.identity.authority,
        framework=found.framework,
        certifier=site.quality.certifier,
        label=found.facts.label,
        engagements=rows,
        unread=sum(found.unread(row) for row in found.framework.engagements),
        months=await closed_months(visit, closed),
        missing=[month_of(month) for month in _missing(visit, closed)],
        findings=findings,
        draws=[
            (f"{draw.first:%d/%m/%Y}", f"{draw.last:%d/%m/%Y}", draw.seed, str(len(draw.chosen)),
             draw.frame)
            for draw in await draws(visit.connection)
        ],
        measures=[
            (str(line.number), line.source, line.service, line.due, line.state, line.effect)
            for line in (
                report_parts.measure(visit, row) for row in await report_parts.measures(visit)
            )
        ],
        surveys=await _surveys(visit),
        minutes=await _minutes(visit),
        dates=[
            (f"{line.due.due:%d/%m/%Y}", line.due.text,
             "" if line.held is None else f"{line.held:%d/%m/%Y}")
            for line in label_dates.lines(visit, found.facts)
        ],
        services=[
            (service.name, names.person(service.head), names.person(service.director))
            for service in site.services.services
        ],
        perimeter=[
            (service, "dans" if change.inside else "hors", f"{change.since:%d/%m/%Y}", change.why,
             change.by, change.on)
            for service, _, changes in await label_perimeter.periods(
                visit, await stored_perimeter.perimeter(visit.connection))
            for change in changes
        ],
        outside=[row.label for row in site.routing.categories if not row.perimeter],
        proofs=[
            piece.proof
            for shown in found.standings
            for piece in shown.pieces
            if piece.proof is not None
        ],
    )  # fmt: skip


async def closed_months(visit: Visit, closed: Sequence[date]) -> Sequence[tuple[str, ...]]:
    """Formats closed months as rows: name, kept replies, judged ones, rate, interval, hash."""
    if not closed:
        return []
    table = await figures(
        visit.connection, FigureQuestion(closed[0], closed[-1]), [REPLY], as_closed=True
    )
    heads: dict[date, Month] = {head.month: head for head in await months.every(visit.connection)}
    return [
        (month_of(month), str(row.k), str(row.n), figure_words.rate(row),
         figure_words.interval(row), heads[month].hash)
        for month in closed
        for row in (table.of(REPLY, month=month),)
    ]  # fmt: skip


async def _surveys(visit: Visit) -> Sequence[str]:
    """The results of the campaign of each form that was published last, in a few lines."""
    lines = list[str]()
    for campaign, results in await survey_results.last_published(visit.connection):
        title = await survey.title_of(visit.connection, campaign)
        lines += survey_report.summary(campaign, results, title, visit.applied.site.zone)
    return lines


async def _minutes(visit: Visit) -> Sequence[tuple[str, ...]]:
    """The meetings whose minutes were approved, by number and day, and the minutes' digest."""
    found, zone = await committee.committee(visit.connection), visit.applied.site.zone
    return [
        (str(met.number), f"{met.at.astimezone(zone):%d/%m/%Y}", str(len(met.present)),
         "diffusé" if met.published else "approuvé", met.approved)
        for met in found.meetings.values()
        if met.approved is not None
    ]  # fmt: skip


async def _lacks(visit: Visit, found: label.LabelView, shown: EngagementStanding) -> str:
    """What an engagement lacks; where it does not apply, why."""
    said = found.facts.scopes.get(shown.row.id)
    if said is None or said.applies:
        return " ".join(label_words.gaps(shown, visit.today))
    known = await texts.texts(visit.connection, [(said.subject_id, said.why)])
    return f"Sans objet : {known.get((said.subject_id, said.why), label_findings.ERASED)}"


def _missing(visit: Visit, closed: Sequence[date]) -> Sequence[date]:
    """The last twelve months that are over and not closed; none from before the go-live."""
    first, live = visit.today.replace(day=1), visit.applied.first_month
    wanted = [after(first, -number) for number in range(MONTHS, 0, -1)]
    return [month for month in wanted if month not in closed and live is not None and month >= live]
