"""`/qualite/label`: every engagement with its live evidence and its state, which nobody types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.pages.quality import document_uploads, label_words
from services.desk.pages.quality.engagement_measures import open_measures
from services.desk.pages.visit import Visit
from services.desk.quality.domain.engagement_states import EngagementStanding, standing
from services.desk.quality.domain.frameworks import is_unread
from services.desk.quality.domain.label_facts import LabelFacts
from services.desk.quality.domain.new_statements import NewProof
from services.desk.quality.domain.second_persons import second_persons
from services.desk.quality.label_service import LabelService
from services.desk.quality.store import label, texts
from services.desk.rights import Right, may
from shared.facts.quality import DrawMade
from shared.facts.quality.label import ProofHeld
from shared.site.tables.quality import STATED, EngagementRow, EvidenceKind, Framework
from shared.web.forms import Mistyped

HOME: Final = "/qualite/label"
UNREADABLE: Final = (
    "Une ligne du label est illisible : elle peut dire le contraire de ce fichier. L’administrateur"
    " en est averti ; les pages répondent."
)


@dataclass(frozen=True, slots=True)
class EngagementLine:
    """A line of the table of the label's engagements, in French words."""

    row: EngagementRow
    owner: str
    state: str
    colour: str
    shown: Sequence[str]
    """The value of each piece of evidence."""
    age: str
    gaps: Sequence[str]
    unread: bool


@dataclass(frozen=True, slots=True)
class LabelView:
    """The quality label as it stands today: framework, facts, and the state of each engagement."""

    framework: Framework
    facts: LabelFacts
    standings: Sequence[EngagementStanding]

    def unread(self, row: EngagementRow) -> bool:
        """Whether nobody has checked an engagement against the framework's own text."""
        return is_unread(row, self.facts.reads_of(self.framework.name))


def framework_of(visit: Visit) -> Framework:
    """Returns the label's framework in force. Raises HTTPException 404 where none is set."""
    found = visit.applied.site.quality.current
    if found is None:
        raise HTTPException(404, "Ce site n’a pas de référentiel : voir quality.yaml.")
    return found


async def view(visit: Visit) -> LabelView:
    """Reads the label with the state of each engagement. Raises HTTPException 404."""
    framework = framework_of(visit)
    facts = await label.label_facts(visit.connection)
    figures = {
        **await label.closed_figures(visit.connection, framework),
        **await label.day_figures(visit.connection, visit.applied.site, visit.today),
    }
    findings = list(facts.findings.values())
    return LabelView(
        framework,
        facts,
        [
            standing(
                row, facts.proofs, figures, findings, visit.today,
                applies=facts.applies(row.id), readable=not facts.unreadable,
            )
            for row in framework.engagements
        ],
    )  # fmt: skip


def service(visit: Visit) -> LabelService:
    """Makes the service object by which the signed-in person acts on the quality label."""
    site, people = visit.applied.site, visit.directory
    seconds = second_persons(site, people, visit.today)
    return LabelService(
        visit.connection, visit.author, framework_of(visit), people, visit.today, seconds,
        site.zone,
    )  # fmt: skip


def writes(visit: Visit) -> bool:
    """Whether the signed-in person may write in the quality system."""
    return may(visit.roles, Right.IMPROVE)


def seconds(visit: Visit) -> bool:
    """Whether the signed-in person may confirm as second person: référent qualité, or the SG."""
    return writes(visit) or may(visit.roles, Right.PROVE)


def need_second(visit: Visit) -> None:
    """Refuses a person who may not confirm as second person. Raises HTTPException 403."""
    if not seconds(visit):
        raise HTTPException(403)


def whole(facts: LabelFacts) -> LabelFacts:
    """Returns the label's facts for a file. Raises HTTPException 503 if one is unreadable."""
    if facts.unreadable:
        raise HTTPException(503, UNREADABLE)
    return facts


async def engagements(visit: Visit) -> Response:
    """Shows every engagement of the label with its state, its evidence and what it lacks."""
    found, names = await view(visit), Names(visit.applied.site, visit.directory)
    return await visit.html(
        "quality/label.html",
        framework=found.framework,
        label=found.facts.label,
        writes=writes(visit),
        modules=modules(found, names, visit.today),
        measures=await open_measures(visit, found.framework, found.facts),
        unread=sum(found.unread(row) for row in found.framework.engagements),
        words=label_words,
    )


def modules(found: LabelView, names: Names, today: date) -> Mapping[int, Sequence[EngagementLine]]:
    """Returns the lines of the table of the label's engagements, by module of the framework."""
    by_module: dict[int, list[EngagementLine]] = {}
    for shown in found.standings:
        row, last = shown.row, shown.last_proof
        words, colour = label_words.STATES[shown.state]
        by_module.setdefault(row.module, []).append(
            EngagementLine(
                row=row,
                owner=names.service(row.owner),
                state=words,
                colour=colour,
                shown=[label_words.value(piece, row.target) for piece in shown.pieces],
                age="" if last is None else label_words.age(last.on, today),
                gaps=label_words.gaps(shown, today),
                unread=found.unread(row),
            )
        )
    return by_module


async def set_date(visit: Visit) -> Response:
    """Records the date of the quality label, by which its calendar counts, or corrects it."""
    form = await visit.form()
    day = form.day("jour")
    if day is None:
        raise Mistyped("jour", "Donnez la date du label.")
    await service(visit).set_date(day, form.text("pourquoi"))
    return await visit.to(f"{HOME}/calendrier", said="Date du label notée.")


async def engagement(visit: Visit) -> Response:
    """Shows one engagement of the label: rule, evidence piece by piece, proofs, and the forms."""
    row = _row(visit)
    return await visit.html(
        "quality/engagement.html",
        **await engagement_context(visit),
        choices=[
            (f"{piece.kind.value} {piece.code}", f"{piece.text} ({label_words.KINDS[piece.kind]})")
            for piece in row.evidence
            if piece.kind not in {EvidenceKind.FIGURE, *STATED}
        ],
        draws=await _draws(visit, row),
        holds=[(ProofHeld.YES.value, "oui"), (ProofHeld.NO.value, "non, il y a un écart")],
        writes=writes(visit),
        path=f"{HOME}/engagements/{row.id}",
    )


async def engagement_context(visit: Visit) -> dict[str, Any]:
    """Returns the values with which a template shows an engagement. Raises HTTPException 404."""
    found, row = await view(visit), _row(visit)
    mine = next(standing for standing in found.standings if standing.row is row)
    names = Names(visit.applied.site, visit.directory)
    proofs = [proof for proof in reversed(found.facts.proofs) if proof.engagement == row.id]
    said = found.facts.scopes.get(row.id)
    wanted = [proof.text for proof in proofs if proof.text is not None]
    if said is not None:
        wanted.append((said.subject_id, said.why))
    known = await texts.texts(visit.connection, wanted)
    words, colour = label_words.STATES[mine.state]
    return {
        "row": row,
        "measures": (await open_measures(visit, found.framework, found.facts)).get(row.id, ()),
        "owner": names.service(row.owner),
        "state": words,
        "colour": colour,
        "why": "" if said is None else known.get((said.subject_id, said.why), "texte effacé"),
        "applies": found.facts.applies(row.id),
        "gaps": label_words.gaps(mine, visit.today),
        "unread": found.unread(row),
        "certainty": label_words.CERTAINTIES[row.source.certainty],
        "pieces": [
            (label_words.KINDS[piece.piece.kind], piece.piece.text, state, piece_colour, piece,
             label_words.value(piece, row.target))
            for piece in mine.pieces
            for state, piece_colour in (label_words.STATES[piece.state],)
        ],
        "proofs": [
            (proof, _piece_text(row, proof.kind, proof.code), names.author(proof.by),
             "" if proof.text is None else known.get(proof.text, "texte effacé"))
            for proof in proofs
        ],
    }  # fmt: skip


async def draws_made(visit: Visit) -> Sequence[DrawMade]:
    """Returns every random draw that an audit made, in order."""
    return await label.draws(visit.connection)


async def _draws(visit: Visit, row: EngagementRow) -> Sequence[tuple[str, str]]:
    """The draws that a proof of this engagement may be of, the latest first; none if none can."""
    if not any(piece.kind is EvidenceKind.DRAW for piece in row.evidence):
        return []
    return [
        (str(draw.seq), label_words.draw_text(draw))
        for draw in reversed(await label.draws(visit.connection))
    ]


def _piece_text(row: EngagementRow, kind: str, code: str) -> str:
    found = next((p.text for p in row.evidence if (p.kind.value, p.code) == (kind, code)), None)
    return found or f"{kind} {code}"


def _row(visit: Visit) -> EngagementRow:
    found = framework_of(visit).engagement.get(visit.request.path_params["engagement"])
    if found is None:
        raise HTTPException(404, "Cet engagement n’est pas au référentiel.")
    return found


async def file_proof(visit: Visit) -> Response:
    """Files a proof of an engagement of the label, with its document if the form has one."""
    row, form = _row(visit), visit.read()
    await visit.not_again()
    wanted = form.text("preuve")
    piece = next((p for p in row.evidence if f"{p.kind.value} {p.code}" == wanted), None)
    if piece is None:
        raise Mistyped("preuve", "Choisissez dans la liste.")
    on = form.day("jour")
    if on is None:
        raise Mistyped("jour", "Donnez le jour de ce que la preuve montre.")
    holds = form.word("tenu", ProofHeld)
    if holds is None:
        raise Mistyped("tenu", "Dites ce que la preuve montre.")
    until, remark = form.day("jusqu"), form.text("remarque")
    proof = NewProof(piece, on, holds, until, remark, draw=form.number("tirage"))
    await service(visit).judge_proof(proof, has_file=document_uploads.brings_one(visit))
    key = await document_uploads.store_document(visit)
    await visit.form()
    await service(visit).file_proof(row, replace(proof, file=key))
    return await visit.to(f"{HOME}/engagements/{row.id}", said="Preuve déposée.")


async def scope(visit: Visit) -> Response:
    """Records that an engagement of the label does not apply here, or that it applies again."""
    row, form = _row(visit), await visit.form()
    applies = form.text("applicable") == "oui"
    why = form.require("pourquoi", "Dites pourquoi : un auditeur le lira.")
    await service(visit).scope(row, why, applies=applies)
    said = "L’engagement s’applique de nouveau." if applies else "Engagement noté sans objet."
    return await visit.to(f"{HOME}/engagements/{row.id}", said=said)


async def document(visit: Visit) -> Response:
    """Downloads the document of an engagement's proof, by the number of its fact."""
    facts = await label.label_facts(visit.connection)
    seq = visit.request.path_params["seq"]
    proof = next(
        (filed for filed in facts.proofs if filed.seq == seq and filed.file is not None), None
    )
    if proof is None or proof.file is None:
        raise HTTPException(404, "Cette preuve n’a pas de document.")
    if proof.erased:
        raise HTTPException(404, "Le document de cette preuve a été effacé.")
    name = f"{proof.engagement}-{proof.code}-{proof.on.isoformat()}"
    return await document_uploads.file_of(visit, proof.file, name)
