"""A letter is prepared, read, corrected and signed before it leaves: who does what, and in turn.

    prepare ──▶ to read ⇄ to sign ──▶ signed: leaves by mail, is printed, or at the parapheur
                    │         │
                    └─ returned to whoever prepared it, with a reason ─▶ passed on or given up

Each step is a row with a person and a moment; what the letter says after it is a file of that step.
Who has the letter holds its item, as any draft that is in signature (docs/decisions/0192).
"""

from dataclasses import replace
from typing import Final
from uuid import uuid5

from services.desk.decider import Decider
from services.desk.domain.decisions import confidentiality
from services.desk.domain.decisions.context import not_ended
from services.desk.domain.decisions.waits import FromSignature, ToSignature
from services.desk.domain.item import Item
from services.desk.letters.circuit_order import CircuitOrder
from services.desk.letters.composer import ComposedLetter
from services.desk.letters.dispatch import send
from services.desk.letters.domain.circuit_text import PreparedText
from services.desk.letters.domain.enclosures import FileToSend
from services.desk.letters.domain.merge_fields import FillContext
from services.desk.letters.enclosure_files import keep_file
from services.desk.letters.letter_document import take
from services.desk.letters.parapheur import give
from services.desk.letters.secure_mail import give_mail
from services.desk.letters.signatories import may_sign, substitute
from services.desk.store import circuit_letters, items, parapheur_letters, secure_mails
from services.desk.store.circuit_letters import (
    CircuitAct,
    CircuitLetter,
    CircuitLetterId,
    CircuitState,
    CircuitStep,
)
from shared.content.plis import Enclosure, Store
from shared.errors import Refused
from shared.facts.envelope import BlobKey, ItemId, PersonId
from shared.facts.vocabulary import NoticeKind, Way
from shared.paper.code_keys import CodeKeys
from shared.site.tables.people import Person

_STATES: Final = {
    CircuitAct.TO_READ: CircuitState.READING,
    CircuitAct.TO_SIGN: CircuitState.SIGNING,
}


async def prepare(
    by: Decider, letter: ComposedLetter, act: CircuitAct, whom: Person, blobs: Store
) -> Item:
    """Gives a composed letter to whoever is to read or sign it; the item lies with them then.

    Its files go along with it. Raises Refused: it is not complete, or another letter of the item
    is on its way.
    """
    item = await _locked(by, letter.matter.item.item_id)
    await parapheur_letters.none_there(by.connection, item.item_id)
    await circuit_letters.none_open(by.connection, item.item_id)
    await secure_mails.none_open(by.connection, item.item_id)
    _complete(letter, act)
    filled, files = letter.filled, [await _kept(by, file, blobs) for file in letter.files]
    text = PreparedText.of(filled.subject, filled.body, letter.asked, letter.copies, files)
    said = await _keep(by, text.octets(), blobs)
    person, to = PersonId(by.person.id), PersonId(whom.id)
    new = CircuitLetter(
        letter=CircuitLetterId(by.decision),
        item_id=item.item_id,
        kind=letter.version.content.notice,
        template=letter.version.name,
        prepared_by=person,
        prepared_at=by.now,
        state=_STATES[act],
        holder=to,
        step=1,
        files=tuple(file.key for file in files),
    )
    await circuit_letters.keep(by.connection, new, CircuitStep(act, person, by.now, to, said))
    return await _placed(by, item, to)


async def pass_on(
    by: Decider, order: CircuitOrder, act: CircuitAct, whom: Person, blobs: Store
) -> Item:
    """Passes a letter on, as it was corrected, to whoever is to read or sign it. Raises Refused."""
    item = await _mine(by, order)
    if act is CircuitAct.TO_SIGN:
        _complete(order.compose(item, Way.MAIL, whom), act)
    to = PersonId(whom.id)
    await _step(by, order, CircuitStep(act, _me(by), by.now, to, await _said(by, order, blobs)))
    return await _placed(by, item, to)


async def send_back(by: Decider, order: CircuitOrder, reason: str, blobs: Store) -> Item:
    """Sends a letter back to whoever prepared it, with a reason and what was corrected.

    Raises Refused.
    """
    item = await _mine(by, order)
    said = await _said(by, order, blobs)
    why = await _keep(by, reason.encode(), blobs)
    to = order.letter.prepared_by
    await _step(by, order, CircuitStep(CircuitAct.RETURNED, _me(by), by.now, to, said, why))
    return await _back(by, item, order.letter.holder)


async def take_back(by: Decider, letter: CircuitLetter) -> Item:
    """Takes a prepared letter back from its way: it will not leave. Raises Refused.

    Whoever prepared it takes it back even where they decide no more about the item, which then
    stays where it is.
    """
    item = await _locked(by, letter.item_id)
    found = await _open(by, letter)
    before = (await circuit_letters.steps(by.connection, found.letter))[-1]
    step = CircuitStep(CircuitAct.TAKEN_BACK, _me(by), by.now, None, before.said)
    await circuit_letters.take_step(by.connection, found, step)
    if found.prepared_by == _me(by) and not by.may(item, confidentiality.Asks.DECIDE):
        return item
    return await _back(by, item, found.holder)


async def sign_by_mail(by: Decider, order: CircuitOrder, blobs: Store) -> Item:
    """Signs a letter and orders it to be sent by email, over the name of `by`. Raises Refused."""
    item = await _mine(by, order)
    letter = order.compose(item, Way.MAIL, by.person)
    await _signed(by, order, blobs, letter)
    await send(_part(by, "send"), letter, blobs)
    return await _back(by, item, order.letter.holder)


async def sign_by_secure_mail(
    by: Decider, order: CircuitOrder, blobs: Store, keys: CodeKeys
) -> Item:
    """Signs a letter and gives it to be sent as mail sécurisé, over the name of `by`.

    Raises Refused.
    """
    item = await _mine(by, order)
    mail = order.compose(item, Way.MAIL, by.person)
    await _signed(by, order, blobs, mail)
    paper = order.compose_pdf(item, by.person)
    await give_mail(_part(by, "secure-mail"), mail, paper, blobs, keys)
    return await _back(by, item, order.letter.holder)


async def sign_on_paper(by: Decider, order: CircuitOrder, blobs: Store, keys: CodeKeys) -> Item:
    """Signs a letter that is to leave on paper: its PDF is kept, with its departure code.

    Raises Refused.
    """
    item = await _mine(by, order)
    letter = order.compose(item, Way.PAPER, by.person)
    _delegated(letter.matter, order.letter.kind, by.person.id)
    beside = order.letter.files
    octets = await take(_part(by, "print"), letter, "pdf", keys, beside)
    document = await blobs.put(letter.matter.today.year, by.decision, octets)
    await _signed(by, order, blobs, letter, document)
    return await _back(by, item, order.letter.holder)


async def give_to_parapheur(
    by: Decider,
    order: CircuitOrder,
    signer: Person,
    blobs: Store,
    keys: CodeKeys,
    *,
    then_mails: bool,
) -> Item:
    """Gives a letter, as it was corrected, to the parapheur, to be signed there by `signer`.

    `then_mails`: it leaves as mail sécurisé once it is signed. Raises Refused.
    """
    item, mail = await _mine(by, order), None
    if then_mails:
        mail, letter = order.compose(item, Way.MAIL, signer), order.compose_pdf(item, signer)
    else:
        letter = order.compose(item, Way.PAPER, signer)
    said = await _said(by, order, blobs)
    await _step(by, order, CircuitStep(CircuitAct.TO_PARAPHEUR, _me(by), by.now, None, said))
    return await give(_part(by, "parapheur"), letter, blobs, keys, mail)


async def _signed(
    by: Decider,
    order: CircuitOrder,
    blobs: Store,
    letter: ComposedLetter,
    document: BlobKey | None = None,
) -> None:
    _delegated(letter.matter, order.letter.kind, by.person.id)
    said = await _said(by, order, blobs)
    step = CircuitStep(CircuitAct.SIGNED, _me(by), by.now, None, said)
    await circuit_letters.take_step(by.connection, order.letter, step, document)


def _delegated(about: FillContext, kind: NoticeKind, person: str) -> None:
    place = about.applied.site.identity.signing
    if place is not None and not place.signs_here:
        raise Refused("Letters of this site are signed at the parapheur.", "signing-not-here")
    if not may_sign(about, kind, person):
        raise Refused(
            "Only whoever has a delegation for such a letter signs it.", "signing-no-delegation"
        )


def _complete(letter: ComposedLetter, act: CircuitAct) -> None:
    """To be read a letter may lack something; to be signed it may not."""
    if act is CircuitAct.TO_SIGN and not letter.complete:
        lacking = ", ".join(finding.point for finding in letter.findings if finding.blocks)
        raise Refused(f"The letter is not complete: {lacking}.", "letter-incomplete")


async def _mine(by: Decider, order: CircuitOrder) -> Item:
    """The item, locked, whose letter lies with whoever decides, as their page showed it.

    Raises Refused when somebody else did something with it meanwhile, or has it.
    """
    item = await _locked(by, order.letter.item_id)
    found = await _open(by, order.letter)
    if found.step != order.step:
        raise Refused("Somebody corrected or passed on this letter meanwhile.", "signing-changed")
    holder = found.lies_with(item)
    if holder != by.person.id:
        today = by.now.astimezone(by.applied.site.zone).date()
        about = FillContext(item, None, by.applied, by.person, today, by.directory)
        instead = substitute(about, found.kind, holder)
        if found.state is not CircuitState.SIGNING or instead is None or instead.id != _me(by):
            raise Refused("This letter lies with somebody else.", "signing-elsewhere")
    return item


async def _locked(by: Decider, item_id: ItemId) -> Item:
    """The item, locked, whose letter may still leave. Raises Refused."""
    item = (await items.lock(by.connection, [item_id]))[item_id].item
    not_ended(item)
    confidentiality.whole([item], by.sees)
    return item


async def _open(by: Decider, letter: CircuitLetter) -> CircuitLetter:
    """The letter as it is now, its item locked. Raises Refused when it is on its way no more."""
    for found in await circuit_letters.of_item(by.connection, letter.item_id):
        if found.letter == letter.letter and found.is_open:
            return found
    raise Refused("This letter is no longer on its way.", "signing-ended")


async def _placed(by: Decider, item: Item, person: PersonId) -> Item:
    """The item, which lies with whoever has its letter."""
    if item.signatory == person:
        return item
    return await _part(by, "place").about(item.item_id, ToSignature(person))


async def _back(by: Decider, item: Item, holder: PersonId) -> Item:
    """The item, which comes back from the signature of whoever had its letter, if it lies there."""
    if item.signatory != holder:
        return item
    return await _part(by, "back").about(item.item_id, FromSignature())


async def _step(by: Decider, order: CircuitOrder, step: CircuitStep) -> None:
    await circuit_letters.take_step(by.connection, order.letter, step)


async def _said(by: Decider, order: CircuitOrder, blobs: Store) -> BlobKey:
    """The file of the text as it is left; that of the step before, where nothing was corrected."""
    if order.text == order.before:
        return order.file
    return await _keep(by, order.text.octets(), blobs)


async def _kept(by: Decider, file: FileToSend, blobs: Store) -> Enclosure:
    """A file that goes along with a letter, stored beside its text."""
    return await keep_file(blobs, _year(by), by.decision, file)


async def _keep(by: Decider, octets: bytes, blobs: Store) -> BlobKey:
    return await blobs.put(_year(by), by.decision, octets)


def _year(by: Decider) -> int:
    return by.now.astimezone(by.applied.site.zone).year


def _part(by: Decider, name: str) -> Decider:
    """Whoever decides, for one part of what they do: with an id of its own."""
    return replace(by, decision=uuid5(by.decision, name))


def _me(by: Decider) -> PersonId:
    return PersonId(by.person.id)
