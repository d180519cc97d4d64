"""From a standard letter to a mail sécurisé: its PDF and its text, kept, for a job to send.

The PDF is the letter as it would be printed, without a departure code: nothing of it is scanned
here. What its recipients read beside it is the text of the mail. Nothing is stated yet: that it
left is known once Pastell has mailed the links (ADR 0206).
"""

from collections.abc import Sequence

from services.desk import reply_address
from services.desk.decider import Decider
from services.desk.domain.decisions import confidentiality
from services.desk.domain.item import Item
from services.desk.letters.composer import (
    ComposedLetter,
    address_of,
    addressee_of,
    check_complete,
    may_leave,
    note_use,
)
from services.desk.letters.enclosure_files import keep_file
from services.desk.letters.letter_document import check_printable, preview
from services.desk.store import circuit_letters, items, parapheur_letters, secure_mails
from services.desk.store.secure_mails import NewSecureMail, SecureMailId
from shared.content import plis
from shared.content.plis import Correspondent, Enclosure, Pli, Store
from shared.errors import Refused
from shared.facts.envelope import BlobKey, PersonId
from shared.facts.vocabulary import NoticeKind, Way
from shared.paper.code_keys import CodeKeys
from shared.site.tables.notices import Action, PolicyCase


def may_be_secure(letter: ComposedLetter) -> bool:
    """Whether a letter can leave as mail sécurisé: the site is live and sends such, to an address.

    The address is known and usable.
    """
    return secure_mails.sends(letter.matter.applied) and reply_address.usable(address_of(letter))


async def give_mail(
    by: Decider, mail: ComposedLetter, paper: ComposedLetter, blobs: Store, keys: CodeKeys
) -> Item:
    """Gives a letter to be sent as mail sécurisé; a job sends it. Returns its item, as it was.

    `mail`, `paper`: the same letter, composed for either way: the text that is read on Pastell, and
    the PDF. Raises Refused: the site has no mail sécurisé or is not live, no address is known, the
    letter is not complete or not printed whole, a rule forbids it, or another is on its way; the
    item changed meanwhile.
    """
    about, kind = mail.matter, mail.version.content.notice
    check_secure(mail)
    check_complete(paper)
    await check_printable(paper)
    item = (await items.lock(by.connection, [about.item.item_id]))[about.item.item_id].item
    confidentiality.whole([item], by.sees)
    if item.seq != about.item.seq:
        raise Refused(
            f"{item.chrono} changed while its letter was written: read it again.",
            "secure-mail-changed",
            chrono=item.chrono,
        )
    await secure_mails.none_open(by.connection, item.item_id)
    await parapheur_letters.none_there(by.connection, item.item_id)
    await circuit_letters.none_open_of(by.connection, item.item_id, kind)
    await may_leave(by, mail)
    year = about.today.year
    document = await blobs.put(year, by.decision, await preview(paper, keys))
    files = [await keep_file(blobs, year, by.decision, file) for file in mail.files]
    pli = pli_of(mail, files).model_copy(update={"printed": document})
    key = await plis.write(blobs, year, by.decision, pli)
    await note_use(by, mail, "mail", [*(file.key for file in files), document])
    await secure_mails.keep(by.connection, _new(by, mail, document, key))
    return item


def check_secure(mail: ComposedLetter) -> None:
    """Raises Refused where a letter can't leave as mail sécurisé, whoever sends it.

    The site has none or is not live, no address is known, the letter is not complete, or a rule
    forbids it.
    """
    about = mail.matter
    secure_mails.check_sends(about.applied)
    check_complete(mail)
    if not reply_address.usable(address_of(mail)):
        raise Refused(
            f"No address is known for {about.item.chrono}: take the letter as PDF or .odt.",
            "letter-no-address",
            chrono=about.item.chrono,
        )
    _not_forbidden(mail)


def pli_of(mail: ComposedLetter, files: Sequence[Enclosure]) -> Pli:
    """Returns the pli of a mail sécurisé: to whom it goes, the text of the mail, its files."""
    to = addressee_of(mail)
    return Pli(
        kind="bundle",
        sender=Correspondent(),
        answer_to=Correspondent(name="" if to is None else to.name, address=address_of(mail)),
        subject=mail.text.subject,
        text=mail.text.whole,
        copies=tuple(mail.copies),
        enclosures=tuple(files),
    )


def _new(by: Decider, mail: ComposedLetter, document: BlobKey, pli: BlobKey) -> NewSecureMail:
    return NewSecureMail(
        letter=SecureMailId(by.decision),
        item_id=mail.matter.item.item_id,
        kind=mail.version.content.notice,
        template=mail.version.name,
        until=mail.until,
        addressee=mail.asked.get("administration", "").strip() or None,
        document=document,
        pli=pli,
        given_by=PersonId(by.person.id),
        given_at=by.now,
    )


def _not_forbidden(mail: ComposedLetter) -> None:
    """Refuses what notices.yaml lets nobody send by mail, whoever orders it."""
    item = mail.matter.item
    what, came = item.classification, item.opened
    case = PolicyCase(
        mail.version.content.notice, Way.MAIL, what.sender_kind, what.nature, what.priority,
        came.channel, came.authentication,
    )  # fmt: skip
    row = mail.matter.applied.site.notices.row_of(case)
    if mail.version.content.notice is not NoticeKind.THIRD and row and row.action is Action.NEVER:
        raise Refused(
            "The site's notices let such a letter leave on paper alone.", "secure-mail-never"
        )
