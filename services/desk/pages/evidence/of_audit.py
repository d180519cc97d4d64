"""`/audit`: what must be explained about a period, and the auditor's draw."""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.responses import Response

from services.desk import auditing
from services.desk.domain.sampling import MASKED
from services.desk.exports.sheets import KINDS, MEDIA, Sheet
from services.desk.pages import words
from services.desk.pages.downloads import our_file
from services.desk.pages.forms import Form
from services.desk.pages.names import Names
from services.desk.pages.refusals import Mistyped
from services.desk.pages.visit import Visit
from services.desk.proof.sample import Sample
from services.desk.store.audits import Doubt, Doubtful, Sure, Then
from shared.facts.words import Channel

SHOWN = 50
"""Of each doubt; the file has them all."""
EACH = 3

TITLES: Final[Mapping[Doubt, str]] = {
    Doubt.OUT_OF_PERIMETER: "Hors périmètre",
    Doubt.RECLASSIFIED: "Reclassés après avoir été qualifiés",
    Doubt.RECEIPT_CORRECTED: "Date de réception confirmée ou corrigée",
    Doubt.BACK_DATED: "Réponse saisie après son jour de départ",
    Doubt.CLOSED: "Classés sans réponse, dans le périmètre",
    Doubt.BEFORE_RECEIPT: "Réponse datée d’avant la réception",
    Doubt.DECLARED: "Réponse déclarée sans preuve",
    Doubt.KEYED: "Réponse connue par un seul numéro de départ, tapé",
    Doubt.HOLDING_MISSED: "Date annoncée non tenue",
    Doubt.ASKED_AGAIN: "Pièces redemandées, dossier complet",
    Doubt.BY_SHELL: "Décidé par commande, sans page où la personne s’identifie",
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
RESULTS: Final[Mapping[str, str]] = {
    "kept": "tenu",
    "late": "répondu en retard",
    "overdue": "non répondu, limite passée",
    "open": "en cours",
    "observed": "réponse vue, à confirmer",
    "closed": "classé sans réponse",
    MASKED: "réservé : à ouvrir par qui peut le lire",
}
SHEET: Final = Sheet(
    "À expliquer",
    ["Motif", "Numéro", "Service", "Jour", "Par", "Raison donnée", "Certitude", "Au moment où"],
    [40, 20, 40, 12, 30, 40, 30, 16],
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says."""

    first: date
    last: date
    seed: str
    each: int

    def address(self, path: str) -> str:
        """The same question to another page."""
        period = {"du": self.first.isoformat(), "au": self.last.isoformat()}
        seeded = {"graine": self.seed, "chacun": self.each} if self.seed else {}
        return f"{path}?{urlencode(period | seeded)}"


async def audit(visit: Visit) -> Response:
    """What to explain, doubt by doubt; with a seed, the draw."""
    asked = _asked(visit)
    names = Names(visit.applied.site, visit.directory)
    found = await _doubts(visit, asked)
    drawn = await _drawn(visit, asked) if asked.seed else None
    return await visit.html(
        "evidence/audit.html",
        asked=asked,
        doubts=[
            (
                TITLES[doubt],
                len(every),
                _by_reason(every, names) if doubt is Doubt.OUT_OF_PERIMETER else "",
                [_line(one, names) for one in every[:SHOWN]],
            )
            for doubt in Doubt
            if (every := [one for one in found if one.doubt is doubt])
        ],
        shown=SHOWN,
        drawn=drawn,
        rows=[] if drawn is None else _rows(drawn, names),
        most_each=auditing.MOST_EACH,
        table_url=asked.address("/audit/a-expliquer.xlsx"),
        archive_url=asked.address("/audit/tirage.zip"),
    )


async def explained(visit: Visit) -> Response:
    """All that must be explained, as a spreadsheet."""
    asked = _asked(visit)
    names = Names(visit.applied.site, visit.directory)
    found = await _doubts(visit, asked)
    with tempfile.TemporaryDirectory(prefix="vaguemestre-") as folder:
        path = Path(folder) / "a-expliquer.xlsx"
        with KINDS[path.suffix](path) as book:
            book.begin(SHEET)
            book.add((TITLES[one.doubt], *_line(one, names)) for one in found)
        content = path.read_bytes()
    return our_file(content, MEDIA[".xlsx"], f"a-expliquer-{asked.first}-{asked.last}.xlsx")


async def drawn(visit: Visit) -> Response:
    """The draw as a ZIP, with the proof of each item. Raises Mistyped without a seed."""
    asked = _asked(visit)
    if not asked.seed:
        raise Mistyped("graine", "Donnez la graine que l’auditeur a dite.")
    found = await _drawn(visit, asked)
    content = await auditing.packed(visit.connection, visit.blobs, found, visit.now)
    return our_file(content, "application/zip", f"tirage-{asked.first}-{asked.last}.zip")


def _asked(visit: Visit) -> Asked:
    """The period, last month if none is given. Raises Mistyped."""
    form = Form(FormData(visit.request.query_params))
    before = visit.today.replace(day=1) - timedelta(days=1)
    first = form.day("du") or before.replace(day=1)
    last = form.day("au") or max(before, first)
    if last < first:
        raise Mistyped("au", "La période finit avant de commencer.")
    each = form.number("chacun")
    each = EACH if each is None else each
    if not 1 <= each <= auditing.MOST_EACH:
        raise Mistyped("chacun", f"Demandez de 1 à {auditing.MOST_EACH} courriers.")
    return Asked(first, last, form.text("graine"), each)


async def _doubts(visit: Visit, asked: Asked) -> Sequence[Doubtful]:
    return await auditing.review(
        visit.connection, asked.first, asked.last, visit.applied, visit.roles.seen
    )


async def _drawn(visit: Visit, asked: Asked) -> Sample:
    return await auditing.draw(
        visit.connection, asked.first, asked.last, asked.seed, asked.each, visit.roles
    )


def _by_reason(every: Sequence[Doubtful], names: Names) -> str:
    """How many of each reason, the most frequent first."""
    counts = Counter(names.reason(one.reason) if one.reason else "sans raison" for one in every)
    return ", ".join(f"{reason}\N{NO-BREAK SPACE}: {n}" for reason, n in counts.most_common())


def _line(one: Doubtful, names: Names) -> tuple[str, str, date, str, str, str, str]:
    return (
        one.chrono,
        names.service(one.service),
        one.day,
        _who(one, names),
        names.reason(one.reason) if one.reason else "",
        SURE[one.sure],
        THEN[one.then],
    )


def _who(one: Doubtful, names: Names) -> str:
    who = names.author(one.by) if one.by else ""
    return who if one.account is None else f"{who}, {words.by_command(one.account)}"


def _rows(drawn: Sample, names: Names) -> Sequence[tuple[str, str, str, str, str]]:
    return [
        (
            kept.chrono,
            "" if kept.masked else names.service(kept.service),
            "" if kept.masked else words.CHANNELS[Channel(kept.channel)],
            words.short_day(kept.received_on) if kept.received_on else "",
            RESULTS[kept.result],
        )
        for one in drawn.drawn
        for kept in (one.candidate,)
    ]
