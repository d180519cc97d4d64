"""Answering from a standard letter: choose it, say what it asks, read it beside its check, send it.

One page and one form: the fields, the text that they make, the check-list. Whoever changes the
text keeps it; fields then fill it no more, until they start again from the letter. What leaves is
the text that was on the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import uuid5

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.decider import Decider
from services.desk.domain.decisions.context import not_ended
from services.desk.french.secure_mail_words import GIVEN_TO_PASTELL
from services.desk.letters.addressees import third_before
from services.desk.letters.composer import (
    ComposedLetter,
    address_of,
    compose,
    matter_of,
)
from services.desk.letters.dispatch import order_print, send
from services.desk.letters.domain.copies import MOST_COPIES
from services.desk.letters.domain.enclosures import MOST_OCTETS, FileToSend
from services.desk.letters.domain.fields import LetterField, Shape
from services.desk.letters.domain.form import Point
from services.desk.letters.domain.house_letters import FREE
from services.desk.letters.domain.library import LetterVersion
from services.desk.letters.domain.merge_fields import FillContext, Filled, known_values
from services.desk.letters.letter_document import preview, take
from services.desk.letters.parapheur import give, signatory_of
from services.desk.letters.secure_mail import give_mail, may_be_secure
from services.desk.pages.downloads import our_file, shown_in_place
from services.desk.pages.letters import circuit_choice, labels_fr, writers
from services.desk.pages.letters.choice import letter_of, others_of
from services.desk.pages.letters.circuit_acts import THEN_MAILS, given_to_sign
from services.desk.pages.letters.circuit_choice import NOTHING_DECIDED, full_name
from services.desk.pages.letters.letter_files import CHOSEN, files_of, offered_files
from services.desk.pages.letters.letter_form import (
    COPIES,
    PIECES_BESIDE,
    answers_of,
    copies_of,
    digest_of,
    fields_of,
    first_lacking,
    is_to_third,
    is_untouched,
    kept_text,
    propose_answers,
    text_of,
)
from services.desk.pages.visit import Visit
from services.desk.rights import Sight
from shared.facts.vocabulary import NoticeKind, Way
from shared.web import forms
from shared.web.forms import Form, Mistyped

CIVILITIES: Final = ("Madame, Monsieur", "Madame", "Monsieur")
CHECKS: Final = "verifier"
PREVIEW: Final = "apercu"
NOTED: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.PIECES: "pieces",
    NoticeKind.HOLDING_REPLY: "attente",
    NoticeKind.TRANSFER: "transmettre",
}
"""The page of an item where what a service sent itself is noted, by its kind."""
LEAVING: Final = frozenset(
    {"envoyer", "securise", "parapheur", "imprimer", *circuit_choice.BUTTONS}
)
"""What the buttons do after which the letter is written no more."""
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
    form = _typed(visit)
    by = _decider(visit, form)
    async with visit.apart():
        about = await matter_of(by, found.item, visit.blobs)
    version = await letter_of(visit, about, visit.request.path_params["letter"])
    not_ended(found.item)
    asked = propose_answers(version, about)
    if form is not None:
        asked = answers_of(version, about, form, again=visit.refusal is not None)
    elif is_to_third(version):
        async with visit.apart():
            asked |= await third_before(visit.blobs, found.item)
    looks = visit.request.method == "GET" or form is None
    if form is None or looks or form.text("faire") in LOOKING:
        await writers.note_writing(visit, found.item.item_id)
        return await _page(visit, version, about, asked, form)
    files = await files_of(visit, found, about, form)
    answered = await _done(visit, version, about, asked, form, files)
    if form.text("faire") in LEAVING:
        await writers.note_done(visit, found.item.item_id)
    return answered


async def _done(
    visit: Visit,
    version: LetterVersion,
    about: FillContext,
    asked: Mapping[str, str],
    form: Form,
    files: Sequence[FileToSend],
) -> Response:
    does, text = form.text("faire"), text_of(form)
    proposed = compose(version, about, asked, Way.MAIL)
    copies = copies_of(form, address_of(proposed), about)
    if does == PREVIEW:
        shown = compose(version, about, asked, Way.PAPER, kept_text(form), files)
        pdf = await preview(shown, visit.keys)
        return shown_in_place(pdf, TYPES["pdf"], f"{about.item.chrono}-apercu.pdf")
    if is_untouched(form, text) and digest_of(proposed.filled) != digest_of(text):
        raise Mistyped(
            "body",
            "Le texte vient d’être complété avec vos réponses : relisez-le, puis recommencez.",
        )
    if does == "envoyer":
        sent = await visit.form()
        letter = compose(version, about, asked, Way.MAIL, text, files, copies)
        await send(visit.decider(sent.decision), letter, visit.blobs)
        also = " Ses copies suivent." if copies else ""
        said = f"La lettre part par courriel.{also} {labels_fr.EFFECTS[version.content.notice]}"
        return await visit.to(f"/courrier/{about.item.chrono}", said=said)
    if does == "securise":
        mail = compose(version, about, asked, Way.MAIL, text, files, copies)
        paper = compose(version, about, asked, Way.PAPER, text, files)
        return await _to_secure_mail(visit, mail, paper)
    if does in circuit_choice.BUTTONS:
        return await circuit_choice.prepare(visit, version, about, asked, text, files, copies)
    if does == "parapheur":
        return await _to_parapheur(visit, version, about, asked, text, files, copies)
    return await _on_paper(
        visit, form, compose(version, about, asked, Way.PAPER, text, files, copies)
    )


async def _on_paper(visit: Visit, form: Form, paper: ComposedLetter) -> Response:
    does, about, version = form.text("faire"), paper.matter, paper.version
    if does == "imprimer":
        return await _to_print(visit, paper)
    if does not in TYPES:
        raise HTTPException(400, "Ce bouton n’existe pas.")
    how: Literal["pdf", "odt"] = "pdf" if does == "pdf" else "odt"
    octets = await take(_decider(visit, form), paper, how, visit.keys)
    name = f"{about.item.chrono}-{version.letter.lstrip('_')}.{how}"
    return our_file(octets, TYPES[how], name)


async def _to_print(visit: Visit, letter: ComposedLetter) -> Response:
    sent = await visit.form()
    item = await order_print(visit.decider(sent.decision), letter, visit.blobs, visit.keys)
    effect = labels_fr.EFFECTS[letter.version.content.notice]
    said = f"La lettre est confiée au bureau du courrier, qui l’imprime. {effect}"
    return await visit.to(f"/courrier/{item.chrono}", said=said)


async def _to_secure_mail(visit: Visit, mail: ComposedLetter, paper: ComposedLetter) -> Response:
    sent = await visit.form()
    item = await give_mail(visit.decider(sent.decision), mail, paper, visit.blobs, visit.keys)
    return await visit.to(f"/courrier/{item.chrono}", said=GIVEN_TO_PASTELL)


async def _to_parapheur(
    visit: Visit,
    version: LetterVersion,
    about: FillContext,
    asked: Mapping[str, str],
    text: Filled,
    files: Sequence[FileToSend],
    copies: Sequence[str],
) -> Response:
    sent = await visit.form()
    wanted = sent.require("signatory", "Choisissez qui signe.")
    signatory = signatory_of(about, version.content.notice, wanted)
    about = replace(about, signatory=signatory)
    mail = None
    if sent.text(THEN_MAILS):
        mail, copies = compose(version, about, asked, Way.MAIL, text, files, copies), ()
    letter = compose(version, about, asked, Way.PAPER, text, files, copies)
    await give(visit.decider(sent.decision), letter, visit.blobs, visit.keys, mail)
    said = given_to_sign(signatory, mails=mail is not None, has_files=bool(files))
    return await visit.to(f"/courrier/{about.item.chrono}", said=said)


async def _page(
    visit: Visit,
    version: LetterVersion,
    about: FillContext,
    asked: Mapping[str, str],
    form: Form | None,
) -> Response:
    letter = compose(version, about, asked, Way.MAIL, kept_text(form))
    if form is not None and visit.refusal is None:
        copies_of(form, address_of(letter), about)
    values = {**known_values(about), **asked}
    labels, named = visit.applied.site.labels.pieces, asked.get("pièces", "").splitlines()
    return await visit.html(
        "letters/compose.html",
        chrono=about.item.chrono,
        version=version,
        free=version.letter == FREE,
        others=await others_of(visit, about, version),
        focus=first_lacking(version, values),
        came=offered_files(about),
        ticked=frozenset() if form is None else frozenset(form.texts(CHOSEN)),
        most_mega=MOST_OCTETS // (1024 * 1024),
        noted=NOTED.get(version.content.notice, ""),
        kind=labels_fr.KINDS[version.content.notice],
        effect=labels_fr.EFFECTS[version.content.notice],
        fields=[ComposeRequest(field, values.get(field.name, "")) for field in fields_of(version)],
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
        answers=form is not None and form.text("faire") != "reprendre",
        signature=letter.text.body.removeprefix(letter.filled.body.strip()).strip(),
        digest=digest_of(compose(version, about, asked, Way.MAIL).filled),
        findings=[(finding, labels_fr.finding_sentence(finding)) for finding in letter.findings],
        address=address_of(letter),
        copies="" if form is None else form.text(COPIES),
        most_copies=MOST_COPIES,
        third=is_to_third(version),
        wrote=_wrote(about),
        shapes=Shape,
        unsigned=any(
            finding.point is Point.DELEGATION and finding.blocks for finding in letter.findings
        ),
        signatories=_signatories(about, version.content.notice),
        parapheur=visit.applied.site.identity.signing is not None,
        secure_mail=may_be_secure(letter),
        then_mails=form is not None and bool(form.text(THEN_MAILS)),
        **circuit_choice.circuit_offers(
            visit, visit.decider(NOTHING_DECIDED), about, version.content.notice
        ),
    )


def _signatories(about: FillContext, kind: NoticeKind) -> list[tuple[str, str]]:
    """Who may sign it « par délégation », today: ids and names."""
    service = about.applied.site.service_now(about.item.service)
    able = [] if service is None else about.directory.signatories(service.id, kind, about.today)
    return [(person.id, full_name(person)) for person in able]


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
