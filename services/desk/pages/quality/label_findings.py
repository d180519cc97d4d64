"""`/qualite/label/constats`: what audits found, the answers, and what the auditor lifted."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.pages.downloads import our_file
from services.desk.pages.quality import document_uploads, label, label_dates, label_words
from services.desk.pages.visit import Visit
from services.desk.quality import prints
from services.desk.quality.domain.label_calendar import AUDITS
from services.desk.quality.domain.label_facts import AuditFinding, LabelFacts
from services.desk.quality.domain.new_statements import NewFinding
from services.desk.quality.prints import FindingTexts
from services.desk.quality.store import erasures, texts
from services.desk.quality.store.label import label_facts
from services.desk.quality.store.texts import TextsByDigest
from services.desk.store import item_numbers, months
from shared.facts.envelope import Digest
from shared.facts.quality.label import FindingGrade
from shared.web.forms import Mistyped

PATH: Final = f"{label.HOME}/constats"
ERASED: Final = "texte effacé"


async def findings(visit: Visit) -> Response:
    """Shows the findings of the label's audits, the latest first, with the form to state one."""
    framework, facts = label.framework_of(visit), await label_facts(visit.connection)
    known = await _texts(visit, *facts.findings.values())
    rows = [
        (
            finding,
            label_words.GRADES[finding.stated.grade],
            engagement_text(visit, finding),
            _said(known, finding, finding.stated.sha256),
            *_where(finding, visit.today),
        )
        for finding in reversed(list(facts.findings.values()))
    ]
    return await visit.html(
        "quality/findings.html",
        rows=rows,
        writes=label.writes(visit),
        choices=[(row.id, f"{row.text} (module {row.module})") for row in framework.engagements],
        grades=[(grade.value, words) for grade, words in label_words.GRADES.items()],
        audits=audits_of(visit, facts),
        path=PATH,
    )


def _where(finding: AuditFinding, today: date) -> tuple[str, str]:
    """Where a finding stands, and the colour of it."""
    if finding.lifted is not None:
        return f"levé le {finding.lifted.on:%d/%m/%Y}", "done"
    if finding.answered is not None:
        return f"répondu, action pour le {finding.answered.due:%d/%m/%Y}", (
            "late" if finding.answered.due < today else "wait"
        )
    if finding.stated.grade is FindingGrade.STRENGTH:
        return "rien à répondre", ""
    return "à répondre", "late" if finding.must_be_lifted else "risk"


async def state(visit: Visit) -> Response:
    """Records a finding of an audit of the quality label."""
    framework, form = label.framework_of(visit), await visit.form()
    row = framework.engagement.get(form.text("engagement"))
    if row is None:
        raise Mistyped("engagement", "Choisissez dans la liste.")
    grade, on = form.word("classe", FindingGrade), form.day("jour")
    if grade is None:
        raise Mistyped("classe", "Choisissez dans la liste.")
    if on is None:
        raise Mistyped("jour", "Donnez le jour du constat.")
    wanted = form.text("audit")
    if wanted not in dict(audits_of(visit, await label_facts(visit.connection))):
        raise Mistyped("audit", "Choisissez dans la liste.")
    step, _, occurrence = wanted.partition(" ")
    text = form.require("constat", "Écrivez ce que l’auditeur a constaté.")
    number = await label.service(visit).state_finding(
        row, NewFinding(grade, step, int(occurrence) if occurrence else None, on, text)
    )
    return await visit.to(f"{PATH}/{number}", said=f"Constat n° {number} noté.")


def audits_of(visit: Visit, facts: LabelFacts) -> Sequence[tuple[str, str]]:
    """Returns the audits of which a finding may be stated, as choices of a form.

    They are the dates of the label's calendar, or without a label its steps.
    """
    dates = [
        (line.due.key, f"{line.due.text} ({line.due.due:%d/%m/%Y})")
        for line in label_dates.lines(visit, facts)
        if line.due.step.kind in AUDITS and not line.due.documents
    ]
    steps = label.framework_of(visit).calendar
    return dates or [(step.id, step.text) for step in steps if step.kind in AUDITS]


def _audit(visit: Visit, facts: LabelFacts, found: AuditFinding) -> str:
    """The audit that stated a finding, with its date in the calendar as it is now."""
    step, number = found.stated.step, found.stated.occurrence
    named = dict(audits_of(visit, facts))
    texts_ = {row.id: row.text for row in label.framework_of(visit).calendar}
    return named.get(f"{step} {number}") or texts_.get(step, step)


async def finding(visit: Visit) -> Response:
    """Shows one audit finding with its answer, and the forms to answer and to lift it."""
    facts = await label_facts(visit.connection)
    found = _finding(visit, facts)
    known = await finding_texts(visit, found)
    where, colour = _where(found, visit.today)
    return await visit.html(
        "quality/finding.html",
        finding=found,
        grade=label_words.GRADES[found.stated.grade],
        engagement=engagement_text(visit, found),
        words=known,
        where=where,
        colour=colour,
        audit=_audit(visit, facts, found),
        item=await _item(visit, found),
        writes=label.writes(visit),
        lifts=label.seconds(visit),
        paper_erased=(
            found.lifted is not None
            and found.lifted.file in await erasures.erased_files(visit.connection)
        ),
        path=f"{PATH}/{found.number}",
    )


async def _item(visit: Visit, found: AuditFinding) -> str | None:
    """The chrono of the letter that a finding is about; empty for whoever may not know of it.

    `None`: it is about none.
    """
    item_id = found.stated.item_id
    if item_id is None:
        return None
    if await months.unknown(visit.connection, [item_id], visit.roles.seen):
        return ""
    return await item_numbers.chrono_of(visit.connection, item_id)


async def answer(visit: Visit) -> Response:
    """Answers an audit finding: cause, correction, corrective action and its day."""
    found, form = _finding(visit, await label_facts(visit.connection)), await visit.form()
    due = form.day("echeance")
    if due is None:
        raise Mistyped("echeance", "Donnez le jour où l’action sera faite.")
    await label.service(visit).answer_finding(
        found.number,
        form.require("cause", "Dites la cause."),
        form.require("correction", "Dites ce qui a été corrigé tout de suite."),
        form.require("action", "Dites ce qui empêchera que cela revienne."),
        due,
    )
    return await visit.to(f"{PATH}/{found.number}", said="Réponse au constat notée.")


async def lift(visit: Visit) -> Response:
    """Records that the auditor lifted a finding: with their paper, or by a second person."""
    label.need_second(visit)
    form = visit.read()
    await visit.not_again()
    found = _finding(visit, await label_facts(visit.connection))
    on = form.day("jour")
    if on is None:
        raise Mistyped("jour", "Donnez le jour de la décision.")
    decision = form.require("levee", "Dites ce que l’auditeur a décidé.")
    has_paper = document_uploads.brings_one(visit)
    await label.service(visit).judge_lifting(found.number, on, decision, has_paper=has_paper)
    paper = await document_uploads.store_document(visit)
    await visit.form()
    await label.service(visit).lift_finding(found.number, on, decision, paper)
    return await visit.to(f"{PATH}/{found.number}", said="Constat levé.")


async def paper(visit: Visit) -> Response:
    """Downloads the paper by which the auditor lifted a finding."""
    found = _finding(visit, await label_facts(visit.connection))
    key = None if found.lifted is None else found.lifted.file
    if key is None or key in await erasures.erased_files(visit.connection):
        raise HTTPException(404, "Cette levée n’a pas de document.")
    return await document_uploads.file_of(visit, key, f"levee-constat-{found.number}")


async def sheet(visit: Visit) -> Response:
    """Downloads the fiche d'écart (nonconformity sheet) of an audit finding as PDF."""
    found = _finding(visit, label.whole(await label_facts(visit.connection)))
    known, names = await finding_texts(visit, found), Names(visit.applied.site, visit.directory)
    content = prints.gap_sheet(
        found,
        label_words.GRADES[found.stated.grade],
        engagement_text(visit, found),
        known,
        names.author(found.stated.by),
        visit.applied.site.identity.authority,
    )
    return our_file(content, "application/pdf", f"fiche-ecart-{found.number}.pdf")


async def finding_texts(visit: Visit, found: AuditFinding) -> FindingTexts:
    """Reads the texts written about an audit finding; an erased one says so."""
    known = await _texts(visit, found)
    answered, lifted = found.answered, found.lifted
    return FindingTexts(
        finding=_said(known, found, found.stated.sha256),
        cause="" if answered is None else _said(known, found, answered.cause),
        correction="" if answered is None else _said(known, found, answered.correction),
        action="" if answered is None else _said(known, found, answered.action),
        decision="" if lifted is None else _said(known, found, lifted.decision),
    )


async def _texts(visit: Visit, *findings: AuditFinding) -> TextsByDigest:
    wanted = list[tuple[UUID, Digest]]()
    for found in findings:
        subject = found.stated.subject_id
        wanted.append((subject, found.stated.sha256))
        if (told := found.answered) is not None:
            wanted += [(subject, part) for part in (told.cause, told.correction, told.action)]
        if found.lifted is not None:
            wanted.append((subject, found.lifted.decision))
    return await texts.texts(visit.connection, wanted)


def _said(known: TextsByDigest, found: AuditFinding, sha256: Digest) -> str:
    return known.get((found.stated.subject_id, sha256), ERASED)


def engagement_text(visit: Visit, found: AuditFinding) -> str:
    """Returns the words of the engagement that a finding is about, or its code if it is gone."""
    row = label.framework_of(visit).engagement.get(found.engagement)
    return found.engagement if row is None else row.text


def _finding(visit: Visit, facts: LabelFacts) -> AuditFinding:
    """The finding of the address. Raises HTTPException 404."""
    number = visit.request.path_params["number"]
    if number not in facts.findings:
        raise HTTPException(404, "Aucun constat ne porte ce numéro.")
    return facts.findings[number]
