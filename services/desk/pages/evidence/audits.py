"""`/audit`: what must be explained about a period, the lists frozen and the draws made."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.responses import Response

from services.desk.evidence import draws
from services.desk.evidence.store import audit_lists
from services.desk.evidence.store.audits import AuditDoubt, DoubtfulReply, Sure, Then
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.downloads import our_file
from services.desk.pages.evidence.draws import MOST_LISTED, draw_rows
from services.desk.pages.visit import Visit
from services.desk.sheets import MEDIA, ExportSheet, octets
from shared.calendar.local_days import month_before
from shared.web.forms import Form, Mistyped

SHOWN = 50
"""Of each doubt; the file has them all."""

TITLES: Final[Mapping[AuditDoubt, str]] = {
    AuditDoubt.OUT_OF_PERIMETER: "Hors périmètre",
    AuditDoubt.RECLASSIFIED: "Reclassés après avoir été qualifiés",
    AuditDoubt.RECEIPT_CORRECTED: "Date de réception confirmée ou corrigée",
    AuditDoubt.BACK_DATED: "Réponse saisie après son jour de départ",
    AuditDoubt.CLOSED: "Classés sans réponse, dans le périmètre",
    AuditDoubt.BEFORE_RECEIPT: "Réponse datée d’avant la réception",
    AuditDoubt.DECLARED: "Réponse déclarée sans preuve",
    AuditDoubt.KEYED: "Réponse connue par un seul numéro de départ, tapé",
    AuditDoubt.HOLDING_MISSED: "Date annoncée non tenue",
    AuditDoubt.ASKED_AGAIN: "Pièces redemandées, dossier complet",
    AuditDoubt.BY_SHELL: "Décidé par commande, sans page où la personne s’identifie",
}
SURE: Final[Mapping[Sure | None, str]] = {
    None: "",
    Sure.PERSON: "une personne l’a dit",
    Sure.RULE: "règle certaine",
    Sure.NOBODY: "proposé, personne ne l’a confirmé",
}
THEN: Final[Mapping[Then | None, str]] = {
    None: "",
    Then.LATE: "déjà en retard",
    Then.AT_RISK: "déjà à risque",
}
SHEET: Final = ExportSheet(
    "À expliquer",
    ["Motif", "Numéro", "Service", "Jour", "Par", "Raison donnée", "Certitude", "Au moment où"],
    [40, 20, 40, 12, 30, 40, 30, 16],
)


@dataclass(frozen=True, slots=True)
class AuditPeriod:
    """The period of an audit as the page's address gives it (local days)."""

    first: date
    last: date

    def address(self, path: str) -> str:
        """Returns the address of another page for the same audit period."""
        period = {"du": self.first.isoformat(), "au": self.last.isoformat()}
        return f"{path}?{urlencode(period)}"


async def audit(visit: Visit) -> Response:
    """Shows the page of an audit: decisions to explain, frozen lists and draws."""
    asked = _asked(visit)
    names = Names(visit.applied.site, visit.directory)
    found = await _doubts(visit, asked)
    return await visit.html(
        "evidence/audit.html",
        asked=asked,
        doubts=[
            (
                TITLES[doubt],
                len(every),
                _by_reason(every, names) if doubt is AuditDoubt.OUT_OF_PERIMETER else "",
                [_line(doubtful, names) for doubtful in every[:SHOWN]],
            )
            for doubt in AuditDoubt
            if (every := [doubtful for doubtful in found if doubtful.doubt is doubt])
        ],
        shown=SHOWN,
        table_url=asked.address("/audit/a-expliquer.xlsx"),
        lists=draw_rows(await audit_lists.latest(visit.connection, MOST_LISTED), visit),
    )


async def download_explained(visit: Visit) -> Response:
    """Downloads as .xlsx the decisions of a period that an auditor would question.

    Such as replies without proof, items put out of the perimeter, or back-dated entries.
    """
    asked = _asked(visit)
    names = Names(visit.applied.site, visit.directory)
    found = await _doubts(visit, asked)
    rows = [(TITLES[doubtful.doubt], *_line(doubtful, names)) for doubtful in found]
    async with visit.apart():
        content = await asyncio.to_thread(octets, rows, SHEET, ".xlsx")
    return our_file(content, MEDIA[".xlsx"], f"a-expliquer-{asked.first}-{asked.last}.xlsx")


def _asked(visit: Visit) -> AuditPeriod:
    """The period, last month if none is given. Raises Mistyped."""
    form = Form(FormData(visit.request.query_params))
    month = visit.today.replace(day=1)
    first = form.day("du") or month_before(month)
    last = form.day("au") or max(month - timedelta(days=1), first)
    if last < first:
        raise Mistyped("au", "La période finit avant de commencer.")
    return AuditPeriod(first, last)


async def _doubts(visit: Visit, asked: AuditPeriod) -> Sequence[DoubtfulReply]:
    return await draws.review(
        visit.connection, asked.first, asked.last, visit.applied, visit.roles.seen
    )


def _by_reason(every: Sequence[DoubtfulReply], names: Names) -> str:
    """How many of each reason, the most frequent first."""
    counts = Counter(
        names.reason(doubtful.reason) if doubtful.reason else "sans raison" for doubtful in every
    )
    return ", ".join(f"{reason}\N{NO-BREAK SPACE}: {n}" for reason, n in counts.most_common())


def _line(one: DoubtfulReply, names: Names) -> tuple[str, str, date, str, str, str, str]:
    return (
        one.chrono,
        names.service(one.service),
        one.day,
        _who(one, names),
        names.reason(one.reason) if one.reason else "",
        SURE[one.sure],
        THEN[one.then],
    )


def _who(one: DoubtfulReply, names: Names) -> str:
    who = names.author(one.by) if one.by else ""
    return who if one.account is None else f"{who}, {labels_fr.by_command(one.account)}"
