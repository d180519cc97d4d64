"""Answering from a standard letter: choose it, say what it asks, read it beside its check, send it.

One page and one form: the fields, the text that they make, the check-list. Whoever changes the
text keeps it; fields then fill it no more, until they start again from the letter. What leaves is
the text that was on the page.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID, uuid5

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.decider import Decider
from services.desk.domain.decisions.context import not_ended
from services.desk.letters.addressees import third_before
from services.desk.letters.composer import address_of, compose, matter_of, send, take
from services.desk.letters.domain.fields import (
    FIELDS,
    THIRD_MAIL,
    THIRD_POSTAL,
    FieldOrigin,
    LetterField,
    Shape,
    field_names,
)
from services.desk.letters.domain.form import Point
from services.desk.letters.domain.library import LetterVersion
from services.desk.letters.domain.merge_fields import FillContext, Filled, as_typed, known_values
from services.desk.letters.library import in_use
from services.desk.letters.parapheur import give, signatory_of
from services.desk.pages.downloads import our_file
from services.desk.pages.letters import labels_fr
from services.desk.pages.visit import Visit
from services.desk.rights import Sight
from shared.errors import Refused
from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import NoticeKind, Way
from shared.site.tables.people import Person
from shared.web import forms
from shared.web.forms import Form, Mistyped

CIVILITIES: Final = ("Madame, Monsieur", "Madame", "Monsieur")
PIECES_BESIDE: Final = "autres"
"""The field of pieces that have no code."""
NOTHING_DECIDED: Final = UUID(int=0)
CHECKS: Final = "verifier"
LOOKING: Final = frozenset({"", CHECKS, "reprendre"})
"""What the buttons do that decide nothing."""
TYPES: Final[Mapping[Literal["pdf", "odt"], str]] = {
    "pdf": "application/pdf",
    "odt": "application/vnd.oasis.opendocument.text",
}


@dataclass(frozen=True, slots=True)
class ComposeRequest:
    """A field of the form that composes a letter, with what was typed into it so far."""

    field: LetterField
    value: str


async def answer(visit: Visit) -> Response:
    """Shows the page that composes a letter; a POST checks it, sends it or downloads it."""
    chrono = visit.request.path_params["chrono"]
    found = await visit.item(chrono, decides=True)
    if visit.sight(found.item) is not Sight.WHOLE:
        raise HTTPException(403, "Le contenu de ce courrier est réservé.")
    version = await _chosen(visit, found.item.service)
    not_ended(found.item)
    form = _typed(visit)
    by = _decider(visit, form)
    async with visit.apart():
        about = await matter_of(by, found.item, visit.blobs)
        before = await third_before(visit.blobs, found.item) if _is_third(version) else {}
    by = _decider(visit, form)
    asked = dict(before)
    if form is not None:
        asked = _asked(version, about, form, again=visit.refusal is not None)
    looks = visit.request.method == "GET" or form is None
    if form is None or looks or form.text("faire") in LOOKING:
        return await _page(visit, version, about, asked, form)
    return await _done(visit, by, version, about, asked, form)


async def _chosen(visit: Visit, service: ServiceId) -> LetterVersion:
    """The letter of the address. Raises HTTPException 404 when this service can't use it."""
    try:
        return await in_use(
            visit.connection, visit.request.path_params["letter"], service, visit.applied.site
        )
    except Refused:
        raise HTTPException(
            404, "Ce courrier type n’a pas de version en vigueur pour ce service."
        ) from None


async def _done(
    visit: Visit,
    by: Decider,
    version: LetterVersion,
    about: FillContext,
    asked: Mapping[str, str],
    form: Form,
) -> Response:
    does, text = form.text("faire"), _text(form)
    filled = compose(version, about, asked, Way.MAIL).filled
    if _untouched(form, text) and _digest(filled) != _digest(text):
        raise Mistyped(
            "body",
            "Le texte vient d’être complété avec vos réponses : relisez-le, puis recommencez.",
        )
    if does == "envoyer":
        sent = await visit.form()
        letter = compose(version, about, asked, Way.MAIL, text)
        await send(visit.decider(sent.decision), letter, visit.blobs)
        said = f"La lettre part par courriel. {labels_fr.EFFECTS[version.content.notice]}"
        return await visit.to(f"/courrier/{about.item.chrono}", said=said)
    if does == "parapheur":
        return await _to_parapheur(visit, version, about, asked, text)
    if does not in TYPES:
        raise HTTPException(400, "Ce bouton n’existe pas.")
    how: Literal["pdf", "odt"] = "pdf" if does == "pdf" else "odt"
    octets = await take(by, compose(version, about, asked, Way.PAPER, text), how, visit.keys)
    name = f"{about.item.chrono}-{version.letter}.{how}"
    return our_file(octets, TYPES[how], name)


async def _to_parapheur(
    visit: Visit,
    version: LetterVersion,
    about: FillContext,
    asked: Mapping[str, str],
    text: Filled,
) -> Response:
    sent = await visit.form()
    wanted = sent.require("signatory", "Choisissez qui signe.")
    signatory = signatory_of(about, version.content.notice, wanted)
    about = replace(about, signatory=signatory)
    letter = compose(version, about, asked, Way.PAPER, text)
    await give(visit.decider(sent.decision), letter, visit.blobs, visit.keys)
    said = f"La lettre est donnée au parapheur, à signer par {_named(signatory)}."
    return await visit.to(f"/courrier/{about.item.chrono}", said=said)


async def _page(
    visit: Visit,
    version: LetterVersion,
    about: FillContext,
    asked: Mapping[str, str],
    form: Form | None,
) -> Response:
    letter = compose(version, about, asked, Way.MAIL, _kept(form))
    values = {**known_values(about), **asked}
    labels, named = visit.applied.site.labels.pieces, asked.get("pièces", "").splitlines()
    return await visit.html(
        "letters/compose.html",
        chrono=about.item.chrono,
        version=version,
        kind=labels_fr.KINDS[version.content.notice],
        effect=labels_fr.EFFECTS[version.content.notice],
        fields=[ComposeRequest(field, values.get(field.name, "")) for field in _fields(version)],
        civilities=[(literal, literal) for literal in CIVILITIES],
        pieces=sorted(labels.items(), key=lambda one: one[1]),
        chosen=frozenset(named),
        beside=(
            PIECES_BESIDE,
            "\n".join(field_name for field_name in named if field_name not in labels),
        ),
        offices=[(code, office.name) for code, office in visit.applied.site.labels.offices.items()],
        letter=letter,
        checked=form is not None and form.text("faire") == CHECKS and letter.complete,
        signature=letter.text.body.removeprefix(letter.filled.body.strip()).strip(),
        digest=_digest(compose(version, about, asked, Way.MAIL).filled),
        findings=[(finding, labels_fr.finding_sentence(finding)) for finding in letter.findings],
        address=address_of(letter),
        third=_is_third(version),
        wrote=_wrote(about),
        shapes=Shape,
        unsigned=any(
            finding.point is Point.DELEGATION and finding.blocks for finding in letter.findings
        ),
        signatories=_signatories(about, version.content.notice),
        parapheur=visit.applied.site.identity.signing is not None,
    )


def _signatories(about: FillContext, kind: NoticeKind) -> list[tuple[str, str]]:
    """Who may sign it « par délégation », today: ids and names."""
    service = about.applied.site.service_now(about.item.service)
    able = [] if service is None else about.directory.signatories(service.id, kind, about.today)
    return [(person.id, _named(person)) for person in able]


def _named(person: Person) -> str:
    return f"{person.first_name} {person.name}"


def _wrote(about: FillContext) -> str:
    """What the sender wrote, to be read beside the answer."""
    return "" if about.pli is None else about.pli.text


def _typed(visit: Visit) -> Form | None:
    """What was typed, now or before a refusal. To look at it decides nothing, however often."""
    if visit.refusal is not None:
        typed = visit.refusal.typed.items()
        return Form(FormData([(name, field_name) for name, given in typed for field_name in given]))
    if visit.sent is not None:
        secret = None if visit.signed_in is None else visit.signed_in.token
        forms.check(visit.request, visit.sent, secret)
    return visit.sent


def _decider(visit: Visit, form: Form | None) -> Decider:
    """Who composes; a document that is asked for twice is noted once."""
    if form is None or not form.text(forms.DECISION):
        return visit.decider(NOTHING_DECIDED)
    return visit.decider(uuid5(form.decision, form.text("faire")))


def _fields(version: LetterVersion) -> list[LetterField]:
    """What the agent may say of this letter, in the order of its text."""
    named = field_names(f"{version.content.subject}\n{version.content.body}")
    if _is_third(version):
        named = tuple(dict.fromkeys((*named, THIRD_MAIL, THIRD_POSTAL)))
    return [FIELDS[name] for name in named if FIELDS[name].origin is not FieldOrigin.HOUSE]


def _is_third(version: LetterVersion) -> bool:
    return version.content.notice is NoticeKind.THIRD


def _asked(
    version: LetterVersion, about: FillContext, form: Form, *, again: bool
) -> dict[str, str]:
    """What the agent says, by field; `again`: after a refusal, which leaves out what is wrong.

    Raises Mistyped.
    """
    asked: dict[str, str] = {}
    for field in _fields(version):
        match field.shape:
            case Shape.PIECES:
                lines = [*form.texts(field.name), *form.text(PIECES_BESIDE).splitlines()]
                value = "\n".join(line for raw in lines if (line := raw.strip()))
            case Shape.DAY:
                value = _day(form, field.name, again=again)
            case Shape.OFFICE:
                value = form.text(field.name)
                known_one = not value or value in about.applied.site.labels.offices
                if not known_one and not again:
                    raise Mistyped(field.name, "Choisissez dans la liste.")
                value = value if known_one else ""
            case _:
                value = form.text(field.name)
        if value:
            asked[field.name] = value
    return asked


def _day(form: Form, name: str, *, again: bool) -> str:
    try:
        day = form.day(name)
    except Mistyped:
        if again:
            return ""
        raise
    return "" if day is None else day.isoformat()


def _text(form: Form) -> Filled:
    return as_typed(form.text("subject"), form.text("body"))


def _kept(form: Form | None) -> Filled | None:
    """The text that the agent changed, which stays theirs; `None`: the letter's own."""
    if form is None or form.text("faire") == "reprendre":
        return None
    text = _text(form)
    return None if _untouched(form, text) else text


def _untouched(form: Form, text: Filled) -> bool:
    return form.text("rempli") == _digest(text)


def _digest(filled: Filled) -> str:
    """By which a text that nobody changed is known again, whatever a browser did to its lines."""
    words_ = " ".join(f"{filled.subject} {filled.body}".split())
    return hashlib.sha256(words_.encode()).hexdigest()
