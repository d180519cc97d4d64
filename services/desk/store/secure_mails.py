"""Letters that leave as mails sécurisés: who composes adds one, pages show it (sql/0740).

What is attempted, and what came of it, writes the feature `parapheur`. Addresses and texts lie in
the letter's pli.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

import asyncpg

from services.desk.domain.item import DONE, ItemStatus
from services.desk.store.parapheur_letters import ParapheurLetterId
from services.desk.store.states import not_in
from shared.errors import Refused
from shared.facts.envelope import BlobKey, Chrono, ItemId, PersonId, ServiceId
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite

SecureMailId = NewType("SecureMailId", UUID)

LEASE: Final = timedelta(minutes=20)
"""For which an attempt has a mail, longer than any takes; meanwhile it may be on its way."""
LOOKED_FOR: Final = timedelta(days=100)
"""For how long a mail that left is looked at, at most."""


class SecureMailState(StrEnum):
    """The states of a letter that leaves as mail sécurisé."""

    TO_SEND = "to_send"
    GIVEN = "given"
    """Pastell has it, and has not said that it left."""
    SENT = "sent"
    FAILED = "failed"
    """Pastell does not take it, or gave it up: it waits for a person."""
    TAKEN_BACK = "taken_back"


OPEN: Final = frozenset({SecureMailState.TO_SEND, SecureMailState.GIVEN, SecureMailState.FAILED})
"""What has not left as far as is known, and can be taken back."""


@dataclass(frozen=True, slots=True)
class NewSecureMail:
    """A letter that is to leave as mail sécurisé, with what its departure will say."""

    letter: SecureMailId
    item_id: ItemId
    kind: NoticeKind
    template: str
    """`letter@version`."""
    until: date | None
    addressee: str | None
    """Code of the administration that it names, or to which it goes."""
    document: BlobKey
    """The PDF."""
    pli: BlobKey
    """To whom it goes, what they read beside it, its files."""
    given_by: PersonId
    given_at: datetime
    signed: ParapheurLetterId | None = None
    """The letter that came back signed from the parapheur, whose PDF it is."""


@dataclass(frozen=True, slots=True)
class StoredSecureMail:
    """A letter that leaves as mail sécurisé: what was given, and what became of it."""

    given: NewSecureMail
    state: SecureMailState
    remote: str | None
    attempts: int
    """That failed, since the last that did not."""
    why: str | None
    """Code of the last failure."""
    next_at: datetime | None
    """When Pastell is asked next, aware, of PostgreSQL's own clock; `None`: never."""
    sent_at: datetime | None
    unread_from: date | None
    read_at: tuple[datetime | None, ...]
    """By recipient, the addressee first; `None`: not yet."""
    returned: bool
    reminders: int
    ended_at: datetime | None

    @property
    def may_leave_yet(self) -> bool:
        """Whether it was taken back, and Pastell, which had it, has not said that it is gone.

        Nothing of it leaves before Pastell's id of it is stored.
        """
        asked = self.remote is not None and self.next_at is not None
        return asked and self.state is SecureMailState.TAKEN_BACK


async def of_item(connection: Connection, item_id: ItemId) -> Sequence[StoredSecureMail]:
    """Returns the letters of an item that left as mails sécurisés, or will, the last one first."""
    rows = await connection.fetch(
        "SELECT * FROM desk.secure_mails WHERE item_id = $1 ORDER BY given_at DESC, letter", item_id
    )
    return [mail_of(row) for row in rows]


async def none_open(connection: Connection, item_id: ItemId) -> None:
    """Raises Refused while an item, which is locked, has a mail sécurisé that may leave yet."""
    mails = await of_item(connection, item_id)
    if any(mail.state in OPEN for mail in mails):
        raise Refused(
            "A letter of this item is on its way as mail sécurisé: take it back first.",
            "secure-mail-already",
        )
    if any(mail.may_leave_yet for mail in mails):
        raise Refused(
            "Pastell has not said yet whether a letter that was taken back left.",
            "secure-mail-withdrawn",
        )


def sends(applied: AppliedSite) -> bool:
    """Whether the site is live and sends mails sécurisés."""
    return applied.site.identity.secure_mail is not None and applied.go_live is not None


def check_sends(applied: AppliedSite) -> None:
    """Raises Refused where a site sends no mails sécurisés, or is not live."""
    if applied.site.identity.secure_mail is None:
        raise Refused("This site sends no mail sécurisé.", "secure-mail-none")
    if applied.go_live is None:
        raise Refused("The préfecture is not live: nothing leaves before it is.", "not-live-yet")


async def keep(connection: Connection, new: NewSecureMail) -> None:
    """Stores a letter to be sent as mail sécurisé; the caller holds its item's lock.

    The caller has asked `none_open`.
    """
    await connection.execute(
        """
        INSERT INTO desk.secure_mails
            (letter, item_id, kind, template, until, addressee, document, pli, given_by, given_at,
             signed)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        new.letter,
        new.item_id,
        new.kind.value,
        new.template,
        new.until,
        new.addressee,
        new.document,
        new.pli,
        new.given_by,
        new.given_at,
        new.signed,
    )


async def forget(connection: Connection, item_id: ItemId) -> None:
    """Takes back an item's mails sécurisés that have not left, and asks no more of those that have.

    For an item whose content goes: their files, addresses among them, go with it.
    """
    await connection.execute(
        """
        UPDATE desk.secure_mails SET
            due_at = CASE WHEN state IN ('given', 'failed') THEN clock_timestamp()
                     WHEN state = 'to_send' THEN least(greatest(due_at, clock_timestamp()),
                                                       clock_timestamp() + $2::interval)
                     WHEN state = 'taken_back' THEN due_at END,
            ended_at = CASE WHEN state = 'sent' THEN ended_at ELSE clock_timestamp() END,
            state = CASE WHEN state = 'sent' THEN state ELSE 'taken_back' END
        WHERE item_id = $1
        """,
        item_id,
        LEASE,
    )


@dataclass(frozen=True, slots=True)
class UnreadMail:
    """A mail sécurisé that its addressee has not read by its day, or that came back."""

    chrono: Chrono
    service: ServiceId
    kind: NoticeKind
    sent_at: datetime
    reminders: int
    returned: bool


async def unread(connection: Connection, today: date, limit: int = 200) -> Sequence[UnreadMail]:
    """Returns the mails sécurisés not read by their addressee by their day, or that came back.

    Not those of closed items, those after which another of their kind left, nor those that are
    looked at no more. At most `limit`, the newest first. `today`: the local day.
    """
    rows = await connection.fetch(
        f"""
        SELECT item.chrono, item.service, mail.kind, mail.sent_at, mail.reminders, mail.returned
        FROM desk.secure_mails AS mail JOIN desk.items AS item USING (item_id)
        WHERE mail.state = 'sent' AND mail.read_at[1] IS NULL
          AND (mail.unread_from <= $1 OR mail.returned)
          AND mail.sent_at > $1::date - $3::interval
          AND {not_in(DONE - {ItemStatus.ANSWERED, ItemStatus.TRANSFERRED}, "item.state")}
          AND NOT EXISTS (SELECT FROM desk.notices later
                          WHERE later.item_id = mail.item_id AND later.kind = mail.kind
                            AND later.at > mail.sent_at AND later.state IN ('sent', 'planned'))
          AND NOT EXISTS (SELECT FROM desk.secure_mails later
                          WHERE later.item_id = mail.item_id AND later.kind = mail.kind
                            AND later.sent_at > mail.sent_at)
        ORDER BY mail.sent_at DESC, item.chrono LIMIT $2
        """,  # noqa: S608  (a constant of states.py)
        today,
        limit,
        LOOKED_FOR,
    )
    return [
        UnreadMail(
            chrono=Chrono(row["chrono"]),
            service=ServiceId(row["service"]),
            kind=NoticeKind(row["kind"]),
            sent_at=row["sent_at"],
            reminders=row["reminders"],
            returned=row["returned"],
        )
        for row in rows
    ]


def mail_of(row: asyncpg.Record) -> StoredSecureMail:
    """Makes a letter that leaves as mail sécurisé from its row in `desk.secure_mails`."""
    return StoredSecureMail(
        given=NewSecureMail(
            letter=SecureMailId(row["letter"]),
            item_id=ItemId(row["item_id"]),
            kind=NoticeKind(row["kind"]),
            template=row["template"],
            until=row["until"],
            addressee=row["addressee"],
            document=BlobKey(row["document"]),
            pli=BlobKey(row["pli"]),
            given_by=PersonId(row["given_by"]),
            given_at=row["given_at"],
            signed=None if row["signed"] is None else ParapheurLetterId(row["signed"]),
        ),
        state=SecureMailState(row["state"]),
        remote=row["remote"],
        attempts=row["attempts"],
        why=row["why"],
        next_at=row["due_at"],
        sent_at=row["sent_at"],
        unread_from=row["unread_from"],
        read_at=tuple(row["read_at"]),
        returned=row["returned"],
        reminders=row["reminders"],
        ended_at=row["ended_at"],
    )
