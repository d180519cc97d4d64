"""Letters that come back signed from the parapheur and leave as mails sécurisés (ADR 0211).

    signed, as it was given, by whom it was given to ──▶ leaves by itself, in that transaction
    anything else ──▶ waits for a person, who reads it and sends it by a button of its page

One letter has one mail at a time, and none once it left on paper.
"""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from services.desk.domain.decisions.replies import check_signed
from services.desk.domain.item import Item
from services.desk.parapheur import attempts
from services.desk.store import circuit_letters, items, secure_mails
from services.desk.store.parapheur_letters import ParapheurLetter, ParapheurLetterId
from services.desk.store.secure_mails import (
    NewSecureMail,
    SecureMailId,
    SecureMailState,
    StoredSecureMail,
)
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.platform.database import Connection
from shared.platform.observability.logs import Log
from shared.site.staff import people_store
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite

log = Log("parapheur")

BY_ITSELF: Final = "secure-mail"
"""Of the letter's id it makes that of the mail by which it leaves by itself: it does so once."""


def is_over(item: Item, letter: ParapheurLetter) -> bool:
    """Whether what a signed letter answers has ended, or was answered, meanwhile."""
    try:
        check_signed(item, letter.given.kind)
    except Refused:
        return True
    return False


def is_doubtful(
    letter: ParapheurLetter, item: Item, applied: AppliedSite, directory: Directory
) -> bool:
    """Whether a person is to look at a signed letter before it leaves.

    Its octets are others than were given, the parapheur names somebody else, or the register knows
    no delegation of whoever was chosen on the day of the signature.
    """
    given, chosen = letter.given, directory.person(letter.given.signatory)
    if letter.same is not True or letter.ended_at is None or chosen is None:
        return True
    service = applied.site.service_now(item.service)
    day = letter.ended_at.astimezone(applied.site.zone).date()
    delegated = service and directory.delegation(given.signatory, service.id, given.kind, day)
    return not letter.is_named(chosen) or not delegated


async def leave_unless_doubtful(
    connection: Connection, letter_id: ParapheurLetterId, applied: AppliedSite, now: datetime
) -> None:
    """Lets a letter that just came back signed leave by itself, if it was given for that.

    What is doubtful, or may leave no more, waits for a person. Its item is locked.
    """
    letter = await attempts.lock(connection, letter_id)
    given = letter.given
    if given.mail is None or not secure_mails.sends(applied):
        return
    item = (await items.lock(connection, [given.item_id]))[given.item_id].item
    directory = await people_store.people_at(connection, now)
    changed = await _changed(connection, letter)
    if changed or is_doubtful(letter, item, applied, directory):
        log.info("signed_letter_waits", letter=given.letter)
        return
    mail = SecureMailId(uuid5(given.letter, BY_ITSELF))
    try:
        await _give(connection, letter, item, mail, given.given_by, now)
    except Refused as refusal:
        log.info("signed_letter_waits", letter=given.letter, why=refusal.why)


async def _changed(connection: Connection, letter: ParapheurLetter) -> bool:
    """Whether anything was stated of an item since its letter was given, but that it is back.

    Its sender may have another address since, or have written again.
    """
    return bool(
        await connection.fetchval(
            """
            SELECT $2::integer IS NULL OR EXISTS (
                SELECT FROM desk.facts
                WHERE item_id = $1 AND seq > $2 AND type <> 'SignatureReturned')
            """,
            letter.given.item_id,
            letter.given.item_seq,
        )
    )


async def not_mailed(connection: Connection, letter: ParapheurLetter) -> None:
    """Raises Refused where a signed letter left as mail sécurisé; its item is locked."""
    given = letter.given
    mails = await secure_mails.of_item(connection, given.item_id)
    if any(is_sent_of(mail, letter) for mail in mails):
        raise Refused("This letter is not signed, or left already.", "parapheur-ended")


def is_sent_of(mail: StoredSecureMail, letter: ParapheurLetter) -> bool:
    """Whether a mail is the one by which a signed letter left."""
    return mail.given.signed == letter.given.letter and mail.state is SecureMailState.SENT


async def leave(
    connection: Connection,
    letter: ParapheurLetter,
    item: Item,
    applied: AppliedSite,
    decision: UUID,
    person: str,
    now: datetime,
) -> None:
    """Gives a letter that came back signed to be sent as mail sécurisé, as a person decides.

    Its item is locked. Raises Refused: it left, was given for paper, the site sends no such mails
    or is not live, what it answers has ended, or another letter is on its way.
    """
    if letter.given.mail is None:
        raise Refused("This letter leaves as no mail sécurisé.", "secure-mail-none")
    secure_mails.check_sends(applied)
    await _give(connection, letter, item, SecureMailId(decision), PersonId(person), now)


async def _give(
    connection: Connection,
    letter: ParapheurLetter,
    item: Item,
    mail: SecureMailId,
    by: PersonId,
    now: datetime,
) -> None:
    given = letter.given
    if letter.signed is None or letter.left_at is not None or given.mail is None:
        raise Refused("This letter is not signed, or left already.", "parapheur-ended")
    check_signed(item, given.kind)
    await not_mailed(connection, letter)
    await secure_mails.none_open(connection, item.item_id)
    await circuit_letters.none_open_of(connection, item.item_id, given.kind)
    new = NewSecureMail(
        letter=mail,
        item_id=item.item_id,
        kind=given.kind,
        template=given.template,
        until=given.until,
        addressee=given.addressee,
        document=letter.signed,
        pli=given.mail,
        given_by=by,
        given_at=now,
        signed=given.letter,
    )
    await secure_mails.keep(connection, new)
