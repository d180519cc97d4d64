"""Who is to read or sign a prepared letter: the choices of a form, and what was chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from services.desk.letters import signature_circuit
from services.desk.letters.composer import compose
from services.desk.letters.domain.enclosures import FileToSend
from services.desk.letters.domain.library import LetterVersion
from services.desk.letters.domain.merge_fields import FillContext, Filled
from services.desk.letters.signatories import present_signatory, signatories
from services.desk.pages.visit import Visit
from services.desk.service import RegisterService
from services.desk.store.circuit_letters import CircuitAct
from shared.facts.vocabulary import NoticeKind, Way
from shared.site.tables.people import Person
from shared.web.forms import Form, Mistyped

NOTHING_DECIDED: Final = UUID(int=0)


class Choice(StrEnum):
    """The buttons that give a letter to a colleague."""

    READ = "lire"
    SIGN = "signer"


BUTTONS: Final = frozenset(choice.value for choice in Choice)


def circuit_offers(
    visit: Visit, by: RegisterService, about: FillContext, kind: NoticeKind
) -> Mapping[str, Any]:
    """Returns what a form offers: who may be given the letter, and by which ways it is signed.

    First who has a delegation for such a letter, then the head and the director of the service,
    then everybody else who may read the item; absent people say so.
    """
    able = [person.id for person in signatories(about, kind)]
    parapheur = visit.applied.site.identity.signing
    return {
        "readers": [
            (person.id, _label(about, person, able)) for person in _offered(visit, by, about, able)
        ],
        "delegates": len(able),
        "at_parapheur": parapheur is not None,
        "signs_here": parapheur is None or bool(parapheur.signs_here),
    }


def _offered(
    visit: Visit, by: RegisterService, about: FillContext, able: Sequence[str]
) -> Sequence[Person]:
    """Those whom a letter may be given, in the order of the form; `able`: who may sign it."""
    service = about.applied.site.service_now(about.item.service)
    chiefs = [] if service is None else [service.head, service.director]
    readers = sorted(
        (person for person in by.directory.people.values() if by.may_name(about.item, person)),
        key=lambda one: (one.name, one.first_name),
    )
    known = {person.id: person for person in by.directory.people.values()}
    ids = dict.fromkeys([*able, *chiefs, *(person.id for person in readers)])
    return [known[id_] for id_ in ids if id_ in known and id_ != visit.person.id]


def _label(about: FillContext, person: Person, able: Sequence[str]) -> str:
    said = full_name(person)
    if person.id in able:
        said += " (délégation)"
    away = about.directory.is_away(person.id, about.today)
    return said + (", pas là aujourd’hui" if away else "")


def full_name(person: Person) -> str:
    """Returns a person's first name and name."""
    return f"{person.first_name} {person.name}"


def read_choice(
    visit: Visit, by: RegisterService, about: FillContext, kind: NoticeKind, form: Form
) -> tuple[CircuitAct, Person, str]:
    """Reads from a form to whom a letter goes and for what; with the sentence that says it.

    An absent signatory's letter goes to the next one with a delegation who is there. Raises
    Mistyped or Refused.
    """
    wanted = form.require("whom", "Choisissez à qui vous la donnez.")
    able = [person.id for person in signatories(about, kind)]
    offered = {person.id: person for person in _offered(visit, by, about, able)}
    person = offered.get(wanted)
    if person is None:  # as its holder they would read the item
        raise Mistyped("whom", "Choisissez dans la liste.")
    if form.text("faire") == Choice.READ.value:
        return CircuitAct.TO_READ, person, f"La lettre est donnée à relire à {full_name(person)}."
    signer = present_signatory(about, kind, wanted)
    said = f"La lettre est donnée à signer à {full_name(signer)}."
    if signer.id != person.id:
        said = f"{full_name(person)} n’est pas là aujourd’hui. {said}"
    return CircuitAct.TO_SIGN, signer, said


async def prepare(
    visit: Visit,
    version: LetterVersion,
    about: FillContext,
    asked: Mapping[str, str],
    text: Filled,
    files: Sequence[FileToSend],
    copies: Sequence[str],
) -> Response:
    """Gives the letter of the composing page to whoever is to read or sign it. Raises Refused."""
    sent = await visit.form()
    by = visit.decider(sent.decision)
    act, whom, said = read_choice(visit, by, about, version.content.notice, sent)
    if act is CircuitAct.TO_SIGN:
        about = replace(about, signatory=whom)
    letter = compose(version, about, asked, Way.MAIL, text, files, copies)
    await signature_circuit.prepare(by, letter, act, whom, visit.blobs)
    return await visit.to(f"/courrier/{about.item.chrono}", said=said)
