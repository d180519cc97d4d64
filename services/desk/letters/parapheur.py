"""From a standard letter to the parapheur: the PDF as it will be signed, kept, and given there.

It is the paper that is taken to be printed, with its departure code, over the name of whoever is to
sign; its files go with it (ADR 0181). Who has it from then on is the signatory, as with any draft
that goes to be signed (ADR 0146). Where it is to leave as mail sécurisé once it is signed, the mail
is kept with it, as it will be read (ADR 0211).
"""

from dataclasses import replace

from services.desk.decider import Decider
from services.desk.domain.decisions import confidentiality
from services.desk.domain.decisions.context import not_ended
from services.desk.domain.decisions.waits import ToSignature
from services.desk.domain.item import Item
from services.desk.letters.composer import ComposedLetter, may_leave, note_use
from services.desk.letters.domain.merge_fields import FillContext
from services.desk.letters.enclosure_files import keep_file
from services.desk.letters.letter_document import take
from services.desk.letters.secure_mail import check_secure, pli_of
from services.desk.store import circuit_letters, items, parapheur_letters, secure_mails
from services.desk.store.parapheur_letters import NewParapheurLetter, ParapheurLetterId
from shared.content import plis
from shared.content.plis import Correspondent, Pli, Store
from shared.errors import Refused
from shared.facts.envelope import BlobKey, PersonId
from shared.facts.vocabulary import NoticeKind
from shared.paper.code_keys import CodeKeys
from shared.site.tables.people import Person


def signatory_of(about: FillContext, kind: NoticeKind, person: str) -> Person:
    """Returns who is to sign a letter of this kind. Raises Refused without a delegation."""
    service = about.applied.site.service_now(about.item.service)
    able = () if service is None else about.directory.signatories(service.id, kind, about.today)
    found = next((signer for signer in able if signer.id == person), None)
    if found is None:
        raise Refused(
            "Only whoever has a delegation for such a letter signs it at the parapheur.",
            "parapheur-signatory",
        )
    return found


async def give(
    by: Decider,
    letter: ComposedLetter,
    blobs: Store,
    keys: CodeKeys,
    mail: ComposedLetter | None = None,
) -> Item:
    """Gives a letter that was composed for a signatory to the parapheur; a job sends it there.

    Its files go with it. `mail`: the same letter, composed for the mail sécurisé by which it leaves
    once it is signed; `None`: a person decides then. Raises Refused: the letter is not complete,
    the site has no parapheur, one is there already, it can't leave as mail sécurisé, or the item
    changed while the letter was printed.
    """
    signatory = letter.matter.signatory
    if letter.matter.applied.site.identity.signing is None or signatory is None:
        raise Refused("This site has no parapheur.", "parapheur-none")
    if mail is not None:
        check_secure(mail)
        await may_leave(by, mail)
    octets = await take(by, letter, "pdf", keys, None)
    item = await _as_it_was(by, letter, signatory)
    key = await blobs.put(letter.matter.today.year, by.decision, octets)
    annexes, to_send, files = await _keep_files(by, letter, mail, blobs)
    await note_use(by, letter, "pdf", files)
    if item.signatory != signatory.id:
        item = await by.about(item.item_id, ToSignature(signatory.id))
    new = NewParapheurLetter(
        letter=ParapheurLetterId(by.decision),
        item_id=item.item_id,
        kind=letter.version.content.notice,
        template=letter.version.name,
        until=letter.until,
        document=key,
        signatory=PersonId(signatory.id),
        given_by=PersonId(by.person.id),
        given_at=by.now,
        addressee=letter.asked.get("administration", "").strip() or None,
        annexes=annexes,
        mail=to_send,
        item_seq=item.seq,
    )
    await parapheur_letters.keep(by.connection, new)
    return item


async def _keep_files(
    by: Decider, letter: ComposedLetter, mail: ComposedLetter | None, blobs: Store
) -> tuple[BlobKey | None, BlobKey | None, tuple[BlobKey, ...]]:
    """Stores the files of a letter beside its PDF; returns two plis, and the keys of the files.

    The plis name them: for the parapheur (`None`: there are none), and for the mail by which it
    leaves (`None`: by none).
    """
    if not letter.files and mail is None:
        return None, None, ()
    year, nobody = letter.matter.today.year, Correspondent()
    files = tuple([await keep_file(blobs, year, by.decision, file) for file in letter.files])
    pli = Pli(kind="bundle", sender=nobody, answer_to=nobody, enclosures=files)
    annexes = await plis.write(blobs, year, by.decision, pli) if files else None
    to_send = None
    if mail is not None:
        to_send = await plis.write(blobs, year, by.decision, pli_of(mail, files))
    return annexes, to_send, tuple(file.key for file in files)


async def _as_it_was(by: Decider, letter: ComposedLetter, signatory: Person) -> Item:
    """The item, locked, as the letter was composed for it; nothing was written yet.

    Raises Refused: it ended, was emptied or moved meanwhile, or another letter is there.
    """
    about = letter.matter
    item = (await items.lock(by.connection, [about.item.item_id]))[about.item.item_id].item
    await parapheur_letters.none_there(by.connection, item.item_id)
    await circuit_letters.none_open(by.connection, item.item_id)
    await secure_mails.none_open(by.connection, item.item_id)
    not_ended(item)
    confidentiality.whole([item], by.sees)
    signatory_of(replace(about, item=item), letter.version.content.notice, signatory.id)
    if item.seq != about.item.seq:
        raise Refused(
            f"{item.chrono} changed while its letter was printed: read it again.",
            "parapheur-changed",
            chrono=item.chrono,
        )
    return item
