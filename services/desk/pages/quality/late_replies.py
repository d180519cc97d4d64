"""`…/retards`: the late replies of a month or year: who had them how long, and why.

Its list goes on page by page, by number: `?apres=36-2026-A-000017`.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.pages.quality import figure_files, figure_words
from services.desk.pages.quality.report_frame import ReportFrame, frame
from services.desk.pages.visit import Visit
from services.desk.quality.domain import charts, lateness
from services.desk.quality.domain.figures import REPLY
from services.desk.quality.domain.lateness import LateReply, LateStage
from services.desk.quality.store import figures, reports
from services.desk.sheets import ExportSheet, SheetCell
from shared.calendar.local_days import month_of
from shared.facts.vocabulary import LateCause

SLUG: Final = "retards"
SHOWN: Final = 200
"""Items on a page of the list; the file has all."""
AFTER: Final = "apres"
STAGES: Final[Mapping[LateStage, str]] = {
    LateStage.ROUTING: "orientation",
    LateStage.SERVICE: "service",
    LateStage.SIGNATURE: "signature",
}
UNSAID: Final = "pas dite"
UNSEEN: Final = "non visible"
"""In place of the numbers of items that the person may not know of, réservés or another's."""
SHEET: Final = ExportSheet(
    "Retards",
    ["Numéro", "Mois", "Service", "Canal", "Reçu le", "Limite", "Répondu le", "État",
     "Jours ouvrés", "Orientation", "Service (jours)", "Signature", "Cause", "Courriers"],
    [18, 16, 40, 20, 12, 12, 12, 24, 12, 12, 14, 12, 20, 10],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LateLine:
    """A line of the report on late replies: its days in each stage and its cause.

    The chrono is left out if the person may not know of the item.
    """

    reply: LateReply
    chrono: str
    days: Mapping[LateStage, int]
    state: str
    cause: str


async def page(visit: Visit) -> Response:
    """Shows the report on late replies of a period: the days of each stage, and the causes."""
    asked = frame(visit, SLUG)
    lines = await _lines(asked)
    table = await figures.figures(visit.connection, asked.question, [REPLY])
    figure = table.of(REPLY)
    services = sorted({line.reply.service for line in lines})
    groups = [(service, [line for line in lines if line.reply.service == service])
              for service in services]  # fmt: skip
    all_days = lateness.sum_stages(line.days for line in lines)
    causes = _causes(lines)
    after = visit.request.query_params.get(AFTER, "")
    named = sorted((line for line in lines if line.chrono > after), key=lambda line: line.chrono)
    shown, path = named[:SHOWN], f"{asked.period.path}/{SLUG}"
    more = shown and len(named) > len(shown)
    return await asked.html(
        "quality/late.html",
        figure=figure,
        stages=list(STAGES.values()),
        days=charts.count_chart(
            f"Jours ouvrés des réponses en retard, {asked.name}",
            [(said, _jours(all_days[stage]), all_days[stage]) for stage, said in STAGES.items()]
            if lines
            else [],
        ),
        causes=causes,
        causes_chart=charts.count_chart(
            f"Causes des retards, {asked.name}", [(said, str(n), n) for said, n in causes]
        ),
        services=[
            (
                asked.names.service(service),
                sum(line.reply.ended for line in group),
                sum(not line.reply.ended for line in group),
                table.of(REPLY, service).n,
                [lateness.sum_stages(line.days for line in group)[stage] for stage in STAGES],
            )
            for service, group in groups
        ],
        total=(
            sum(line.reply.ended for line in lines),
            sum(not line.reply.ended for line in lines),
            figure.n,
            [all_days[stage] for stage in STAGES],
        ),
        items=[
            (
                line.chrono,
                asked.names.service(line.reply.service),
                labels_fr.short_day(line.reply.limit_day),
                line.state,
                [line.days[stage] for stage in STAGES],
                line.cause,
            )
            for line in shown
        ],
        hidden=sum(not line.chrono for line in lines),
        first=asked.chosen.address(path) if after else "",
        following=asked.chosen.address(path, **{AFTER: shown[-1].chrono}) if more else "",
    )


async def table(visit: Visit) -> Response:
    """Downloads the late replies of a period as a file, one line each.

    Those that the person may not know of are one line for each service and month, with their
    number alone.
    """
    asked = frame(visit, SLUG)
    rows = _rows(asked, await _lines(asked))
    return await figure_files.download(visit, rows, asked.file(), SHEET)


async def _lines(asked: ReportFrame) -> Sequence[LateLine]:
    visit, site = asked.visit, asked.visit.applied.site
    found = await reports.late_replies(visit.connection, asked.question, site.zone)
    ids = [reply.item_id for reply in found]
    moved = await reports.moves(visit.connection, ids, site.identity.mail_office, site.zone)
    known = await reports.visible_items(visit.connection, ids, visit.roles.seen)
    between, today = visit.applied.days.between, visit.today

    def counted() -> Sequence[LateLine]:
        return [
            LateLine(
                reply,
                reply.chrono if reply.item_id in known else "",
                lateness.days_of(reply, moved.get(reply.item_id, ()), today, between),
                _state(reply),
                UNSAID if reply.cause is None else labels_fr.LATE_CAUSES[LateCause(reply.cause)],
            )
            for reply in found
        ]

    return await asyncio.to_thread(counted)  # of a year a hundred thousand: others are served


def _state(reply: LateReply) -> str:
    if reply.replied_on is not None and reply.days >= 0:
        return f"partie en {_jours(reply.days)}"
    return _how(reply)


def _how(reply: LateReply) -> str:
    if not reply.ended:
        return "pas encore partie"
    return "classé sans réponse" if reply.replied_on is None else "partie en retard"


def _jours(count: int) -> str:
    return f"{count} jour{'s' if count > 1 else ''}"


def _causes(lines: Sequence[LateLine]) -> Sequence[tuple[str, int]]:
    """Causes with their numbers, in the order of their keys; those that nobody said are last."""
    counted = Counter(line.cause for line in lines)
    return [
        (said, counted[said]) for said in (*labels_fr.LATE_CAUSES.values(), UNSAID) if counted[said]
    ]


def _rows(asked: ReportFrame, lines: Sequence[LateLine]) -> Iterator[Sequence[SheetCell]]:
    for line in lines:
        reply = line.reply
        if not line.chrono:
            continue
        yield (
            line.chrono,
            month_of(reply.month),
            asked.names.service(reply.service),
            figure_words.channel(reply.channel),
            *(reply.received_on, reply.limit_day, reply.replied_on),
            _how(reply),
            reply.days if reply.days >= 0 else None,
            *(line.days[stage] for stage in STAGES),
            line.cause,
            1,
        )
    hidden = Counter((line.reply.month, line.reply.service) for line in lines if not line.chrono)
    nothing = [None] * (len(SHEET.titles) - 4)
    for (month, service), n in sorted(hidden.items()):
        yield (UNSEEN, month_of(month), asked.names.service(service), *nothing, n)
