"""The auditor's days in December: let in by two codes, ten items drawn, one read, a finding.

They are no row of acts.yaml, since each step needs what the one before has shown: a code, the
number of a list, the items that were drawn.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from deploy.demo.month import Play
from deploy.demo.run import DemoError
from deploy.demo.session import Visitor
from deploy.demo.tale import line

FIRST: Final = date(2026, 12, 8)
"""The auditor comes at noon, once the day's mail is answered."""
DOOR: Final = "/auditeur"
SESSIONS: Final = "/qualite/auditeurs"
INVITED: Final = {
    "nom": "Irène Castaing",
    "organisme": "Organisme certificateur",
    "audit": "audit-suivi 1",
    "du": "2026-12-08",
    "au": "2026-12-10",
}
PERIOD: Final = {"du": "2026-09-01", "au": "2026-11-30"}
SEED: Final = {"graine": "sept décembre", "nombre": "10", "mode": "total"}
FINDING: Final = {
    "engagement": "lettres-lisibles",
    "classe": "sensitive",
    "constat": "La réponse ne dit pas qui rappeler, ni à quelle heure.",
}
NOT_DRAWN: Final = "juin-bmi-b-1"
"""It came in June: no list of the autumn has it."""

CODE: Final = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}")
LIST: Final = re.compile(r'action="(/audit/listes/\d+)/tirer"')
DRAW: Final = re.compile(r'href="/audit/tirages/(\d+)\.zip"')
ITEM: Final = re.compile(rf'href="{DOOR}/courriers/([^"/]+)"')


@dataclass(frozen=True, slots=True)
class AuditorVisit:
    """The visit of an auditor on site in the demo: what their pages showed, what was refused."""

    drawn: int = 0
    """Items of the draw that was made before them."""
    elsewhere: Sequence[int] = ()
    """How an item that was not drawn and two pages of ours answered."""
    afterwards: Sequence[int] = ()
    """How their own pages answered once the last day had passed."""
    pages: Sequence[str] = ()
    """Their own pages: figures, the draw, an item of it."""


async def play_visit(play: Play, auditor: Visitor) -> AuditorVisit:
    """Plays the auditor's first day in the demo: sign-in, draw, an item read, a finding.

    Raises DemoError.
    """
    async with (
        Visitor.at(play.running, "h.marchand") as officer,
        Visitor.at(play.running, "f.lemoine") as secretary,
    ):
        codes = {
            "invitation": _found(CODE, await officer.send(SESSIONS, SESSIONS, **INVITED)),
            "confirmation": _found(CODE, await secretary.send(SESSIONS, f"{SESSIONS}/1/confirmer")),
        }
        await auditor.send(DOOR, DOOR, **codes)
        audit = f"/audit?du={PERIOD['du']}&au={PERIOD['au']}"
        frozen = await officer.send(audit, "/audit/arreter", quoi="frame", **PERIOD)
        listed = _found(LIST, frozen)
        number = _found(DRAW, await officer.send(listed, f"{listed}/tirer", **SEED))
    draw = f"{DOOR}/tirages/{number}"
    drawn = ITEM.findall(await auditor.read(draw))
    chosen = drawn[0]
    await auditor.read(f"{DOOR}/courriers/{chosen}/contenu")
    findings = f"{DOOR}/constats"
    await auditor.send(findings, findings, courrier=chosen, **FINDING)
    other = await play.people.find(NOT_DRAWN)
    elsewhere = (f"{DOOR}/courriers/{other}", f"/courrier/{chosen}", "/recherche?q=crue")
    line(f"  {FIRST:%a %d %b %Y}  an auditor on site: {len(drawn)} items drawn, a finding")
    return AuditorVisit(
        len(drawn),
        [await auditor.status(page) for page in elsewhere],
        pages=(f"{DOOR}/chiffres", draw, f"{DOOR}/courriers/{chosen}"),
    )


async def afterwards(visit: AuditorVisit, auditor: Visitor) -> AuditorVisit:
    """Adds the HTTP statuses that the auditor's pages answer once their last day has passed."""
    return replace(visit, afterwards=[await auditor.status(page) for page in visit.pages])


def _found(wanted: re.Pattern[str], page: str) -> str:
    found = wanted.search(page)
    if found is None:
        raise DemoError(f"The page of the audit has no {wanted.pattern}.")
    return found[1] if wanted.groups else found[0]
