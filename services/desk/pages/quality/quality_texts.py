"""`/qualite/textes`: what was written in the quality system, and its erasure by two persons."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.writings import Writing, writings_of
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.visit import Visit
from services.desk.quality.domain import minutes
from services.desk.quality.erasure_service import ErasureService
from services.desk.quality.store import erasures, texts
from services.desk.quality.store.erasures import Erasures
from services.desk.store import quality
from shared.errors import PermanentFailure
from shared.facts.authors import by_person
from shared.facts.quality import Quality
from shared.facts.quality.committee import MemberAppointed, MinutesApproved, MinutesPublished
from shared.facts.quality.erasures import WritingErased
from shared.web.forms import Mistyped

PATH: Final = "/qualite/textes"
SHOWN: Final = 50
"""Facts on a page."""
REASONS: Final = ("donnees-sensibles", "piece-d-un-tiers", "demande-de-la-personne")
"""Codes of reasons, said in French by shared/site/tables/code_labels.py or by the site."""
ERASED: Final = "texte effacé"
MOST_SEQ: Final = 2**63 - 1
KINDS: Final[Mapping[str, str]] = {
    "LabelDateMoved": "Date du label corrigée",
    "ProofFiled": "Preuve d’un engagement",
    "EngagementScoped": "Engagement sans objet",
    "FindingStated": "Constat d’audit",
    "FindingAnswered": "Réponse à un constat",
    "FindingLifted": "Levée d’un constat",
    "QualityFactWithdrawn": "Retrait",
    "MeasureOpened": "Mesure ouverte",
    "CauseStated": "Cause d’une mesure",
    "ActionStated": "Action d’une mesure",
    "MeasureChanged": "Mesure changée",
    "MeasureDone": "Mesure faite",
    "MeasureClosed": "Mesure close",
    "MeasureReopened": "Mesure rouverte",
    "MemberAppointed": "Membre du comité",
    "MeetingCalled": "Lieu d’une réunion",
    "RemarkNoted": "Remarque du comité",
    "AnswerGiven": "Réponse à une remarque",
    "RemarkFollowed": "Suite d’une remarque",
    "RemarkWithdrawn": "Remarque retirée",
    "MinutesApproved": "Compte rendu approuvé",
    "MinutesPublished": "Compte rendu diffusé",
    "GroupFormed": "Nom d’un groupe",
    "PageBroken": "Page du site en panne",
    "ChangeAsked": "Modification du site",
    "ChangePlaced": "Page d’une modification",
    "ChangeDone": "Suite d’une modification",
    "HoursExcepted": "Motif d’horaires exceptionnels",
    "HoursExceptionEnded": "Retrait d’horaires exceptionnels",
    "CompanionAdmitted": "Décision sur l’accompagnant",
    "IncidentTicketed": "Ticket d’un incident",
    "CampaignClosed": "Enquête close",
    "PerimeterAsked": "Changement de périmètre demandé",
    "PerimeterChanged": "Changement de périmètre",
    "AuditorInvited": "Nom d’un auditeur",
}
"""Of the facts that name a text; another one is « Texte »."""
FIELDS: Final[Mapping[str, str]] = {
    "cause": "cause", "correction": "correction", "action": "action corrective",
    "file": "document",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WritingLine:
    """A text or document of the quality system as its page shows it, with requests to erase it."""

    number: int
    """Among those of its fact, from 0."""
    what: str
    shown: str
    gone: str
    """When it was erased, and why; empty while it is there."""
    asked: int | None = None
    """The `seq` of the request to erase it that waits."""
    by: str = ""
    reason: str = ""
    mine: bool = False
    """Whether the person asked themselves: another one confirms."""


@dataclass(frozen=True, slots=True)
class WrittenFact:
    """A fact of the quality system that names texts or documents."""

    seq: int
    kind: str
    at: str
    by: str
    writings: Sequence[WritingLine]


async def list_texts(visit: Visit) -> Response:
    """Shows what was written in the quality system, the latest first, and erasures that wait."""
    asked = visit.request.query_params.get("avant", "")
    before = int(asked) if re.fullmatch(r"[0-9]{1,15}", asked) else None
    facts, older = await erasures.last_written(visit.connection, before, SHOWN)
    known = await erasures.erasures(visit.connection)
    return await visit.html(
        "quality/texts.html",
        path=PATH,
        facts=[fact for fact in await _lines(visit, facts, known) if fact.writings],
        waiting=sorted({request.fact for request in known.waiting.values()}),
        older=older,
    )


async def show_texts(visit: Visit) -> Response:
    """Shows the texts of one quality fact whole, with the forms to request and confirm erasure."""
    fact = await _fact(visit)
    known = await erasures.erasures(visit.connection)
    names = Names(visit.applied.site, visit.directory)
    [shown] = await _lines(visit, [fact], known)
    return await visit.html(
        "quality/text.html",
        path=PATH,
        fact=shown,
        reasons=[(code, names.reason(code)) for code in REASONS],
    )


async def ask(visit: Visit) -> Response:
    """Requests the erasure of a text or document of the quality system."""
    fact, form = await _fact(visit), await visit.form()
    number, reason = form.number("numero"), form.text("motif")
    found = writings_of(fact)
    if number is None or not 0 <= number < len(found):
        raise HTTPException(404, "Ce texte n’existe pas.")
    if reason not in REASONS:
        raise Mistyped("motif", "Choisissez un motif dans la liste.")
    await _service(visit).ask(fact, found[number], reason)
    said = "Demandé : rien n’est effacé avant qu’une autre personne confirme."
    return await visit.to(f"{PATH}/{fact.seq}", said=said)


async def decide(visit: Visit) -> Response:
    """Confirms another person's request to erase a text or document, or gives one up."""
    fact, form = await _fact(visit), await visit.form()
    asked = form.number("demande")
    if asked is None:
        raise HTTPException(400, "Ce formulaire est incomplet.")
    if form.text("acte") == "confirmer":
        await _service(visit).confirm(asked)
        said = "Effacé : la chaîne de preuve garde l’empreinte, et qui a effacé."
    else:
        await _service(visit).drop(asked)
        said = "Demande abandonnée : rien n’est effacé."
    return await visit.to(f"{PATH}/{fact.seq}", said=said)


def _service(visit: Visit) -> ErasureService:
    return ErasureService(visit.connection, visit.author, visit.applied, visit.directory)


async def _fact(visit: Visit) -> Quality:
    """The fact of the address. Raises HTTPException 404 where it names no text."""
    seq = visit.request.path_params["seq"]
    fact = None if seq > MOST_SEQ else await quality.at(visit.connection, seq)
    if fact is None or not writings_of(fact):
        raise HTTPException(404, "Aucun texte ne porte ce numéro.")
    return fact


async def _lines(visit: Visit, facts: Sequence[Quality], known: Erasures) -> Sequence[WrittenFact]:
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    wanted = {
        (fact.subject_id, what.sha256)
        for fact in facts
        for what in writings_of(fact)
        if what.sha256 is not None
    }
    bodies = await texts.texts(visit.connection, wanted)
    lines = []
    for fact in facts:
        writings = []
        for number, what in enumerate(writings_of(fact)):
            key = erasures.key_of(fact.subject_id, what)
            asked = None if key is None else known.waiting.get(key)
            gone = None if key is None else known.erased.get(key)
            body = "" if what.sha256 is None else bodies.get((fact.subject_id, what.sha256), ERASED)
            writings.append(
                WritingLine(
                    number,
                    FIELDS.get(what.field, "texte"),
                    _shown(fact, what, body),
                    _gone(gone, body, names, zone),
                    None if asked is None else asked.seq,
                    "" if asked is None else names.author(asked.by),
                    "" if asked is None else names.reason(asked.reason),
                    asked is not None and asked.by == by_person(visit.person.id),
                )
            )
        lines.append(
            WrittenFact(
                fact.seq,
                KINDS.get(fact.type, "Texte"),
                labels_fr.moment(fact.happened_at, zone),
                names.author_of_fact(fact),
                writings,
            )
        )
    return lines


def _gone(gone: WritingErased | None, body: str, names: Names, zone: ZoneInfo) -> str:
    """When and why a text went; a member's name went by itself."""
    if gone is not None:
        return f"{labels_fr.moment(gone.happened_at, zone)}, {names.reason(gone.reason)}"
    return "de lui-même" if body == ERASED else ""


def _shown(fact: Quality, what: Writing, body: str) -> str:
    """The text as somebody reads it: a name without its word of chance, minutes as lines."""
    if what.file is not None:
        return f"Document déposé, empreinte {what.file.rpartition('/')[2][:12]}…"
    if body in {ERASED, texts.ALTERED, texts.MISSING}:
        return body
    if isinstance(fact, MemberAppointed):
        return ", ".join(part for part in body.split("\n")[1:] if part)
    if isinstance(fact, MinutesApproved | MinutesPublished):
        try:
            return "\n".join(block.text for block in minutes.read(body))
        except PermanentFailure:
            return body
    return body
