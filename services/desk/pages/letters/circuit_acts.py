"""What the buttons of a prepared letter's page do: sign it, pass it on, send it back, take it back.

What must be read of files is read before the decision begins.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.french.secure_mail_words import GIVEN_TO_PASTELL
from services.desk.letters import circuit_letter, signature_circuit
from services.desk.letters.addressees import addressee
from services.desk.letters.circuit_order import CircuitOrder
from services.desk.letters.composer import matter_of
from services.desk.letters.domain.circuit_text import PreparedText
from services.desk.letters.domain.enclosures import FileToSend
from services.desk.letters.signatories import present_signatory
from services.desk.pages.letters import labels_fr as letter_words
from services.desk.pages.letters.circuit_choice import NOTHING_DECIDED, Choice, read_choice
from services.desk.pages.letters.circuit_sheet import CircuitSheet
from services.desk.pages.letters.letter_form import COPIES, copies_of
from services.desk.pages.visit import Visit
from services.desk.service import RegisterService
from shared.errors import Refused, VaguemestreError
from shared.site.tables.people import Person
from shared.web.forms import Form, Mistyped

LONGEST_REASON: Final = 2_000
THEN_MAILS: Final = "puis_securise"
"""The field that has a letter leave as mail sécurisé once it is signed at the parapheur."""
MAILED: Final = " Une fois signée, elle partira en mail sécurisé."
NOT_SENT: Final = " Ses pièces jointes y vont avec elle ; joignez-les vous-même quand elle part."
"""Of files that go to the parapheur: whoever sends what comes back signed encloses them."""


async def press_button(visit: Visit, known: CircuitSheet, form: Form) -> Response:
    """Does what a button of a prepared letter's page says; redirects to what it leads to.

    Raises HTTPException 400 for a button that is none, Mistyped, Refused.
    """
    does = form.text("faire")
    acts: Mapping[str, Callable[[Visit, CircuitSheet, Form], Awaitable[str]]] = {
        "courriel": _by_mail,
        "securise": _by_secure_mail,
        "papier": _on_paper,
        "parapheur": _to_parapheur,
        Choice.READ.value: _pass_on,
        Choice.SIGN.value: _pass_on,
        "renvoyer": _send_back,
        "reprendre": _take_back,
    }
    if does not in acts:
        raise HTTPException(400, "Ce bouton n’existe pas.")
    said = await acts[does](visit, known, form)
    stays = does == "papier"
    return await visit.to(
        visit.request.url.path if stays else f"/courrier/{known.item.chrono}", said=said
    )


async def _order(visit: Visit, known: CircuitSheet, form: Form) -> CircuitOrder:
    """What the form wants, with what is read of files before the decision begins.

    Raises Refused where the text as it stands can't be read: its answers would be lost.
    """
    if not known.is_read:
        raise Refused("The text of this letter can't be read now.", "signing-unread")
    by = reading_service(visit)
    async with visit.apart():
        about = await matter_of(by, known.item, visit.blobs)
        files = await _files(visit, known)
    version = await circuit_letter.version_of(visit.connection, known.kept, about, visit.now)
    to = addressee(version.content.notice, about, known.now.asked)
    text = PreparedText.of(
        form.require("subject", "Écrivez l’objet de la lettre."),
        form.require("body", "Écrivez le texte de la lettre."),
        known.now.asked,
        copies_of(form, "" if to is None else to.address, about)
        if COPIES in form.data
        else known.now.copies,
        known.now.files,
    )
    return CircuitOrder(
        known.kept,
        text,
        known.now,
        known.steps[-1].said,
        form.number("etape") or 0,
        version,
        about,
        files,
    )


async def _files(visit: Visit, known: CircuitSheet) -> Sequence[FileToSend]:
    try:
        return await circuit_letter.read_files(visit.blobs, known.now)
    except VaguemestreError as error:
        raise Refused("A file of this letter can't be read now.", "signing-unread") from error


def reading_service(visit: Visit) -> RegisterService:
    """Returns the service object of the person, of a page that decides nothing yet."""
    return visit.decider(NOTHING_DECIDED)


async def _by_mail(visit: Visit, known: CircuitSheet, form: Form) -> str:
    order, sent = await _order(visit, known, form), await visit.form()
    await signature_circuit.sign_by_mail(visit.decider(sent.decision), order, visit.blobs)
    return f"La lettre est signée et part par courriel. {letter_words.EFFECTS[known.kept.kind]}"


async def _by_secure_mail(visit: Visit, known: CircuitSheet, form: Form) -> str:
    order, sent = await _order(visit, known, form), await visit.form()
    by = visit.decider(sent.decision)
    await signature_circuit.sign_by_secure_mail(by, order, visit.blobs, visit.keys)
    return f"La lettre est signée. {GIVEN_TO_PASTELL}"


async def _on_paper(visit: Visit, known: CircuitSheet, form: Form) -> str:
    order, sent = await _order(visit, known, form), await visit.form()
    await signature_circuit.sign_on_paper(
        visit.decider(sent.decision), order, visit.blobs, visit.keys
    )
    return "La lettre est prête à signer sur papier : imprimez son PDF, son code note le départ."


async def _to_parapheur(visit: Visit, known: CircuitSheet, form: Form) -> str:
    order, sent = await _order(visit, known, form), await visit.form()
    by = visit.decider(sent.decision)
    signer = present_signatory(order.about, known.kept.kind, form.text("whom") or visit.person.id)
    mails = bool(form.text(THEN_MAILS))
    await signature_circuit.give_to_parapheur(
        by, order, signer, visit.blobs, visit.keys, then_mails=mails
    )
    return given_to_sign(signer, mails=mails, has_files=bool(order.files))


def given_to_sign(signer: Person, *, mails: bool, has_files: bool) -> str:
    """Formats in French that a letter is at the parapheur; `mails`: it then leaves by itself."""
    said = f"La lettre est donnée au parapheur, à signer par {signer.first_name} {signer.name}."
    return said + (MAILED if mails else NOT_SENT if has_files else "")


async def _pass_on(visit: Visit, known: CircuitSheet, form: Form) -> str:
    order, sent = await _order(visit, known, form), await visit.form()
    by = visit.decider(sent.decision)
    act, whom, said = read_choice(visit, by, order.about, known.kept.kind, form)
    await signature_circuit.pass_on(by, order, act, whom, visit.blobs)
    return said


async def _send_back(visit: Visit, known: CircuitSheet, form: Form) -> str:
    order = await _order(visit, known, form)
    reason = form.require("reason", "Dites pourquoi vous la renvoyez.").replace("\r\n", "\n")
    if len(reason) > LONGEST_REASON:
        raise Mistyped("reason", f"Un motif a {LONGEST_REASON} signes au plus.")
    sent = await visit.form()
    await signature_circuit.send_back(visit.decider(sent.decision), order, reason, visit.blobs)
    names = Names(visit.applied.site, visit.directory)
    return f"La lettre est renvoyée à {names.person(known.kept.prepared_by)}, avec votre motif."


async def _take_back(visit: Visit, known: CircuitSheet, _: Form) -> str:
    if not visit.may_decide(known.item) and known.kept.prepared_by != visit.person.id:
        raise HTTPException(403, "Ce courrier est suivi par un autre service.")
    sent = await visit.form()
    await signature_circuit.take_back(visit.decider(sent.decision), known.kept)
    return "La lettre est reprise : elle ne partira pas."
