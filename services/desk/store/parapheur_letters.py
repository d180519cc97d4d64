"""Letters at the parapheur as they stand: who composes adds one, pages show it (sql/0610).

What is attempted, and what came of it, writes the feature `parapheur`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

import asyncpg

from services.desk.store.letter_uses import Use
from shared.content.phrases import fold_texts
from shared.errors import Refused
from shared.facts.envelope import BlobKey, ItemId, PersonId
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection
from shared.site.tables.people import Person

ParapheurLetterId = NewType("ParapheurLetterId", UUID)


LEASE: Final = timedelta(minutes=20)
"""For which an attempt has a letter, longer than any takes; meanwhile it may be on its way."""


class ParapheurState(StrEnum):
    """The states of a letter at the parapheur (electronic signature book)."""

    TO_SEND = "to_send"
    SENT = "sent"
    SIGNED = "signed"
    REFUSED = "refused"
    FAILED = "failed"
    """The parapheur does not take it, or gave it up: it waits for a person."""
    TAKEN_BACK = "taken_back"


UNSIGNED = frozenset({ParapheurState.TO_SEND, ParapheurState.SENT, ParapheurState.FAILED})
"""What can be taken back; an item has one such letter at a time."""


@dataclass(frozen=True, slots=True)
class NewParapheurLetter:
    """A letter that is to be given to the parapheur, with what its departure will say."""

    letter: ParapheurLetterId
    item_id: ItemId
    kind: NoticeKind
    template: str
    """`letter@version`."""
    until: date | None
    document: BlobKey
    signatory: PersonId
    given_by: PersonId
    given_at: datetime
    addressee: str | None = None
    """Code of the administration to which it says that the item was transmitted."""
    annexes: BlobKey | None = None
    """The pli that names the files which go with it; `None`: none do."""
    mail: BlobKey | None = None
    """The pli by which it leaves as mail sécurisé once it is signed; `None`: it does not."""
    item_seq: int | None = None
    """The number of its item's last fact when it was given; `None`: not known."""


@dataclass(frozen=True, slots=True)
class ParapheurLetter:
    """A letter at the parapheur: what was given, and what became of it."""

    given: NewParapheurLetter
    state: ParapheurState
    remote: str | None
    attempts: int
    """That failed, since the last that did not."""
    why: str | None
    """Code of the last failure."""
    next_at: datetime | None
    """When the parapheur is asked next, aware, of PostgreSQL's own clock; `None`: never."""
    ended_at: datetime | None
    reason: str | None
    """Why somebody refused, in their words."""
    signers: tuple[str, ...]
    signed: BlobKey | None
    """The PDF that came back with its signatures."""
    same: bool | None
    """Whether it begins with the octets that were sent."""
    left_at: datetime | None

    def is_named(self, person: Person) -> bool:
        """Whether the parapheur names somebody among those who signed it."""
        name = fold_texts(person.first_name, person.name).words
        return any(name <= fold_texts(signer).words for signer in self.signers)


async def is_there(connection: Connection, item_id: ItemId) -> bool:
    """Returns whether an item, locked by the caller, has an unsigned letter at the parapheur."""
    return any(letter.state in UNSIGNED for letter in await of_item(connection, item_id))


async def none_there(connection: Connection, item_id: ItemId) -> None:
    """Raises Refused while an item, which is locked, has an unsigned letter at the parapheur."""
    if await is_there(connection, item_id):
        raise Refused(
            "A letter of this item is at the parapheur: take it back before another goes there.",
            "parapheur-already",
        )


async def keep(connection: Connection, new: NewParapheurLetter) -> None:
    """Stores a letter to be given to the parapheur; the caller holds its item's lock.

    The caller has asked `none_there`.
    """
    await connection.execute(
        """
        INSERT INTO desk.parapheur_letters
            (letter, item_id, kind, template, until, document, signatory, given_by, given_at,
             addressee, annexes, mail, item_seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """,
        new.letter,
        new.item_id,
        new.kind.value,
        new.template,
        new.until,
        new.document,
        new.signatory,
        new.given_by,
        new.given_at,
        new.addressee,
        new.annexes,
        new.mail,
        new.item_seq,
    )


async def of_item(connection: Connection, item_id: ItemId) -> Sequence[ParapheurLetter]:
    """Returns the letters of an item that went to the parapheur, the last one first."""
    rows = await connection.fetch(
        """
        SELECT * FROM desk.parapheur_letters WHERE item_id = $1 ORDER BY given_at DESC, letter
        """,
        item_id,
    )
    return [letter_of(row) for row in rows]


async def note_left(
    connection: Connection, left: Collection[tuple[ItemId, NoticeKind]], now: datetime
) -> None:
    """Records that letters of a kind left on paper, after they were signed at the parapheur.

    Of each item the last signed one of that kind that had not left; its mail sécurisé, if that has
    not left, is taken back. The caller holds the locks of the items.
    """
    await connection.executemany(
        """
        WITH gone AS (
            UPDATE desk.parapheur_letters SET left_at = $3 WHERE letter = (
                SELECT letter FROM desk.parapheur_letters
                WHERE item_id = $1 AND kind = $2 AND state = 'signed' AND left_at IS NULL
                ORDER BY given_at DESC, letter LIMIT 1)
            RETURNING letter)
        UPDATE desk.secure_mails AS mail
        SET state = 'taken_back', ended_at = $3, why = NULL, attempts = 0,
            due_at = CASE state WHEN 'to_send' THEN least(greatest(due_at, clock_timestamp()),
                                                          clock_timestamp() + $4::interval)
                     ELSE clock_timestamp() END
        FROM gone WHERE mail.item_id = $1 AND mail.signed = gone.letter
          AND mail.state IN ('to_send', 'given', 'failed')
        """,
        [(item_id, kind.value, now, LEASE) for item_id, kind in left],
    )


async def note_mailed(connection: Connection, letter: ParapheurLetterId, sent_at: datetime) -> None:
    """Records that a signed letter left as mail sécurisé; the caller holds its item's lock."""
    await connection.execute(
        """
        UPDATE desk.parapheur_letters SET left_at = coalesce(left_at, $2) WHERE letter = $1
        """,
        letter,
        sent_at,
    )


async def note_there(
    connection: Connection, item_id: ItemId, kind: NoticeKind, left_at: datetime
) -> None:
    """Records that a letter signed at the parapheur has not left: its departure was taken back.

    `kind`, `left_at`: what that departure was and when it was recorded. The caller holds the
    item's lock.
    """
    await connection.execute(
        """
        UPDATE desk.parapheur_letters SET left_at = NULL
        WHERE item_id = $1 AND state = 'signed' AND left_at = $2 AND kind = $3
        """,
        item_id,
        left_at,
        kind.value,
    )


async def forget(connection: Connection, item_id: ItemId) -> None:
    """Deletes what people wrote of an item's letters at the parapheur; takes back unsigned ones."""
    await connection.execute(
        """
        UPDATE desk.parapheur_letters SET reason = NULL, signers = '{}',
            due_at = CASE WHEN state IN ('sent', 'failed') THEN clock_timestamp()
                     WHEN state = 'to_send' THEN least(greatest(due_at, clock_timestamp()),
                                                       clock_timestamp() + $2::interval)
                     ELSE due_at END,
            ended_at = CASE WHEN state IN ('to_send', 'sent', 'failed')
                       THEN clock_timestamp() ELSE ended_at END,
            state = CASE WHEN state IN ('to_send', 'sent', 'failed')
                    THEN 'taken_back' ELSE state END
        WHERE item_id = $1
        """,
        item_id,
        LEASE,
    )


def use_of(given: NewParapheurLetter) -> Use:
    """Returns the use of a standard letter that was given to the parapheur, for its departure."""
    return Use(
        item_id=given.item_id,
        version=given.template,
        kind=given.kind,
        by="pdf",
        person=given.given_by,
        at=given.given_at,
        until=given.until,
        addressee=given.addressee,
    )


def letter_of(row: asyncpg.Record) -> ParapheurLetter:
    """Makes a letter at the parapheur from its row in `desk.parapheur_letters`."""
    return ParapheurLetter(
        given=NewParapheurLetter(
            letter=ParapheurLetterId(row["letter"]),
            item_id=ItemId(row["item_id"]),
            kind=NoticeKind(row["kind"]),
            template=row["template"],
            until=row["until"],
            document=BlobKey(row["document"]),
            signatory=PersonId(row["signatory"]),
            given_by=PersonId(row["given_by"]),
            given_at=row["given_at"],
            addressee=row["addressee"],
            annexes=None if row["annexes"] is None else BlobKey(row["annexes"]),
            mail=None if row["mail"] is None else BlobKey(row["mail"]),
            item_seq=row["item_seq"],
        ),
        state=ParapheurState(row["state"]),
        remote=row["remote"],
        attempts=row["attempts"],
        why=row["why"],
        next_at=row["due_at"],
        ended_at=row["ended_at"],
        reason=row["reason"],
        signers=tuple(row["signers"]),
        signed=None if row["signed"] is None else BlobKey(row["signed"]),
        same=row["same"],
        left_at=row["left_at"],
    )
