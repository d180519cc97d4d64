"""`/qualite/auditeurs`: sessions of auditors on site, prepared by one person, agreed by another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.accounts.store import sessions as web_sessions
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.quality import label_findings
from services.desk.pages.visit import Visit
from services.desk.quality.auditor_service import AuditorService, NewAuditor
from services.desk.quality.domain.auditor_sessions import LONGEST, AuditorSession
from services.desk.quality.store import auditor_sessions as store
from services.desk.quality.store.label import label_facts
from shared.facts.authors import by_person, person_of
from shared.web.forms import Mistyped

PATH: Final = "/qualite/auditeurs"
DOOR: Final = "/auditeur"
LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class AuditorLine:
    """A row of the page of auditors' accesses: one temporary access without an account."""

    number: int
    name: str
    organisation: str
    audit: str
    days: str
    state: str
    colour: str
    by: str
    draws: Sequence[int]
    confirms: bool
    """Whether it waits for another person than whoever reads."""
    stands: bool


async def show_accesses(visit: Visit) -> Response:
    """Shows the accesses granted to auditors, the latest first, with the form that prepares one."""
    found = await store.sessions(visit.connection, visit.applied.site.zone)
    names = await store.names(visit.connection, found.values())
    facts = await label_facts(visit.connection)
    lines = [
        _line(visit, session, names[number], label_findings.audits_of(visit, facts))
        for number, session in sorted(found.items(), reverse=True)
    ]
    return await visit.html(
        "quality/auditors.html",
        path=PATH,
        lines=lines,
        unreadable=await store.unreadable(visit.connection),
        audits=label_findings.audits_of(visit, facts),
        invites=visit.roles.answers_for_quality,
        longest=LONGEST,
    )


def _line(
    visit: Visit,
    session: AuditorSession,
    name: tuple[str, str],
    audits: Sequence[tuple[str, str]],
) -> AuditorLine:
    invited = session.invited
    state, colour = _state(session, visit)
    over = session.is_over(visit.today)
    period = f"{labels_fr.short_day(invited.first)} – {labels_fr.short_day(invited.last)}"
    return AuditorLine(
        session.number,
        *name,
        dict(audits).get(f"{invited.step} {invited.occurrence}")
        or dict(audits).get(invited.step, invited.step),
        period,
        state,
        colour,
        Names(visit.applied.site, visit.directory).author(invited.by),
        [draw.seq for draw in session.draws],
        not over and session.confirmed is None and invited.by != by_person(visit.person.id),
        not over,
    )


def _state(session: AuditorSession, visit: Visit) -> tuple[str, str]:
    if session.ended is not None:
        wrong = person_of(session.ended.by) is None
        return ("fermée : codes faux", "late") if wrong else ("terminée", "")
    if session.is_over(visit.today):
        return "terminée d’elle-même", ""
    if session.confirmed is None:
        return "à confirmer", "wait"
    return ("ouverte", "done") if session.arrived is not None else ("attend l’auditeur", "wait")


async def invite(visit: Visit) -> Response:
    """Prepares an auditor's access of some days, and shows its first code, once."""
    form = await visit.form()
    facts = await label_facts(visit.connection)
    audit = form.text("audit")
    if audit not in dict(label_findings.audits_of(visit, facts)):
        raise Mistyped("audit", "Choisissez dans la liste.")
    step, _, occurrence = audit.partition(" ")
    first, last = form.day("du"), form.day("au")
    if first is None:
        raise Mistyped("du", "Donnez le premier jour.")
    if last is None:
        raise Mistyped("au", "Donnez le dernier jour.")
    name = form.require("nom", "Donnez le nom de l’auditeur.")[:LONGEST_NAME]
    organisation = form.text("organisme")[:LONGEST_NAME]
    number, code = await _service(visit).invite(
        NewAuditor(name, organisation, step, int(occurrence) if occurrence else None, first, last)
    )
    await web_sessions.keep_answer(visit.connection, form.decision, PATH)
    return await visit.html(
        "quality/auditor_code.html", path=PATH, number=number, code=code, name=name,
        days=_days(first, last), door=visit.address(DOOR), second=False,
    )  # fmt: skip


async def confirm(visit: Visit) -> Response:
    """Agrees to an auditor's access that another person prepared; shows its second code, once."""
    form, number = await visit.form(), visit.request.path_params["number"]
    code = await _service(visit).confirm(number)
    found = (await store.sessions(visit.connection, visit.applied.site.zone))[number]
    name, _ = (await store.names(visit.connection, [found]))[number]
    await web_sessions.keep_answer(visit.connection, form.decision, PATH)
    return await visit.html(
        "quality/auditor_code.html", path=PATH, number=number, code=code, name=name,
        days=_days(found.invited.first, found.invited.last), door=visit.address(DOOR), second=True,
    )  # fmt: skip


def _days(first: date, last: date) -> str:
    if first == last:
        return f"le {labels_fr.long_day(first)}"
    return f"du {labels_fr.long_day(first)} au {labels_fr.long_day(last)}"


async def end(visit: Visit) -> Response:
    """Ends an auditor's access at once."""
    await visit.form()
    number = visit.request.path_params["number"]
    if number not in await store.sessions(visit.connection, visit.applied.site.zone):
        raise HTTPException(404, "Aucune session d’auditeur ne porte ce numéro.")
    await _service(visit).end(number)
    return await visit.to(PATH, said="Session terminée : son navigateur n’ouvre plus rien.")


def _service(visit: Visit) -> AuditorService:
    return AuditorService(visit.connection, visit.author, visit.applied, visit.directory)
