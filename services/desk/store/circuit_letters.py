"""Letters that were prepared here, on their way to whoever reads and signs them (sql/0676)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

import asyncpg

from services.desk.domain.item import ENDED, Item
from services.desk.store.visibility import Visibility
from shared.errors import Refused
from shared.facts.envelope import BlobKey, Chrono, ItemId, PersonId, ServiceId
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection

CircuitLetterId = NewType("CircuitLetterId", UUID)


class CircuitState(StrEnum):
    """The states of a prepared letter: read or signed by somebody, returned, signed, taken back."""

    READING = "reading"
    SIGNING = "signing"
    RETURNED = "returned"
    SIGNED = "signed"
    """It left, was printed to leave, or went to the parapheur."""
    TAKEN_BACK = "taken_back"


class CircuitAct(StrEnum):
    """Acts of a person on a prepared letter, each one step of its way."""

    TO_READ = "to_read"
    TO_SIGN = "to_sign"
    RETURNED = "returned"
    SIGNED = "signed"
    TO_PARAPHEUR = "to_parapheur"
    TAKEN_BACK = "taken_back"


OPEN: Final = frozenset({CircuitState.READING, CircuitState.SIGNING, CircuitState.RETURNED})
"""An item has one such letter at a time."""
AFTER: Final = {
    CircuitAct.TO_READ: CircuitState.READING,
    CircuitAct.TO_SIGN: CircuitState.SIGNING,
    CircuitAct.RETURNED: CircuitState.RETURNED,
    CircuitAct.SIGNED: CircuitState.SIGNED,
    CircuitAct.TO_PARAPHEUR: CircuitState.SIGNED,
    CircuitAct.TAKEN_BACK: CircuitState.TAKEN_BACK,
}
"""The state of a letter after each act."""
_ENDED: Final = ", ".join(f"'{state.value}'" for state in sorted(ENDED))


@dataclass(frozen=True, slots=True)
class CircuitStep:
    """A step of a prepared letter: what was done by whom and when, and what it says since."""

    act: CircuitAct
    person: PersonId
    at: datetime
    whom: PersonId | None
    """To whom it went."""
    said: BlobKey
    """The file with the text after the step."""
    reason: BlobKey | None = None
    """The file with the words for which it was sent back."""


@dataclass(frozen=True, slots=True)
class CircuitLetter:
    """A prepared letter (item, kind, standard letter): whose it is, where it is, its last step."""

    letter: CircuitLetterId
    item_id: ItemId
    kind: NoticeKind
    template: str
    """`letter@version`."""
    prepared_by: PersonId
    prepared_at: datetime
    state: CircuitState
    holder: PersonId
    step: int
    document: BlobKey | None = None
    """The PDF that was signed to leave on paper."""
    files: tuple[BlobKey, ...] = ()
    """Files that leave with it."""

    @property
    def is_open(self) -> bool:
        """Whether it still waits to be read, signed or taken up again."""
        return self.state in OPEN

    def lies_with(self, item: Item) -> PersonId:
        """Returns who has the letter now, given its item.

        Its holder while they hold the item; whoever prepared it once another decision moved that.
        """
        return self.lies(item.signatory)

    def lies(self, signatory: PersonId | None) -> PersonId:
        """Returns who has the letter now, given who has its item for signature."""
        if self.state is CircuitState.RETURNED or signatory == self.holder:
            return self.holder
        return self.prepared_by


@dataclass(frozen=True, slots=True)
class CircuitRow:
    """A prepared letter in a list, with what is said of its item."""

    letter: CircuitLetter
    chrono: Chrono
    service: ServiceId
    signatory: PersonId | None

    @property
    def lies_with(self) -> PersonId:
        """The person who has the letter now."""
        return self.letter.lies(self.signatory)


async def keep(connection: Connection, new: CircuitLetter, first: CircuitStep) -> None:
    """Stores a letter that was just prepared with its first step; the item is locked."""
    await connection.execute(
        """
        INSERT INTO desk.circuit_letters
            (letter, item_id, kind, template, prepared_by, prepared_at, state, holder, step, files)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)
        """,
        new.letter,
        new.item_id,
        new.kind.value,
        new.template,
        new.prepared_by,
        new.prepared_at,
        new.state.value,
        new.holder,
        list(new.files),
    )
    await _add(connection, new.letter, 1, first)


async def take_step(
    connection: Connection,
    letter: CircuitLetter,
    step: CircuitStep,
    document: BlobKey | None = None,
) -> None:
    """Stores what somebody did with a letter, which the caller has locked, and who has it now."""
    await connection.execute(
        """
        UPDATE desk.circuit_letters SET state = $2, holder = $3, step = $4, document = $5
        WHERE letter = $1
        """,
        letter.letter,
        AFTER[step.act].value,
        step.whom or letter.prepared_by,
        letter.step + 1,
        document,
    )
    await _add(connection, letter.letter, letter.step + 1, step)


async def _add(
    connection: Connection, letter: CircuitLetterId, number: int, step: CircuitStep
) -> None:
    await connection.execute(
        """
        INSERT INTO desk.circuit_steps (letter, step, act, person, at, whom, said, reason)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        letter,
        number,
        step.act.value,
        step.person,
        step.at,
        step.whom,
        step.said,
        step.reason,
    )


async def of_item(connection: Connection, item_id: ItemId) -> Sequence[CircuitLetter]:
    """Returns the letters of an item that were prepared for others, the last one first."""
    rows = await connection.fetch(
        """
        SELECT * FROM desk.circuit_letters WHERE item_id = $1
        ORDER BY prepared_at DESC, letter
        """,
        item_id,
    )
    return [_letter(row) for row in rows]


async def none_open(connection: Connection, item_id: ItemId) -> None:
    """Raises Refused while an item, which is locked, has a letter that is read or signed."""
    if any(letter.is_open for letter in await of_item(connection, item_id)):
        raise Refused(
            "A letter of this item is being read or signed: take it back before another goes.",
            "signing-already",
        )


async def none_open_of(connection: Connection, item_id: ItemId, kind: NoticeKind) -> None:
    """Raises Refused while a letter of this kind to the item's addressee is read or signed.

    The item is locked: two such letters would leave.
    """
    letters = await of_item(connection, item_id)
    if any(letter.is_open and letter.kind is kind for letter in letters):
        raise Refused(
            f"Another letter of this kind ({kind}) is being read or signed: take it back first.",
            "signing-same",
        )


async def steps(connection: Connection, letter: CircuitLetterId) -> Sequence[CircuitStep]:
    """Returns the steps of a prepared letter, the first one first."""
    rows = await connection.fetch(
        "SELECT * FROM desk.circuit_steps WHERE letter = $1 ORDER BY step", letter
    )
    return [
        CircuitStep(
            act=CircuitAct(row["act"]),
            person=PersonId(row["person"]),
            at=row["at"],
            whom=row["whom"] and PersonId(row["whom"]),
            said=BlobKey(row["said"]),
            reason=row["reason"] and BlobKey(row["reason"]),
        )
        for row in rows
    ]


async def open_letters(
    connection: Connection, person: PersonId, absent: Collection[str], seen: Visibility, limit: int
) -> Sequence[CircuitRow]:
    """Returns at most `limit` open letters that concern somebody, the oldest first.

    Those that lie with them or that they prepared, and those that wait for the signature of
    somebody who is `absent`; only of items of which they may know and that wait for an answer.
    """
    rows = await connection.fetch(
        f"""
        SELECT l.*, i.chrono, i.service, i.signatory
        FROM desk.circuit_letters l JOIN desk.items i USING (item_id)
        WHERE l.state IN ('reading', 'signing', 'returned') AND i.state NOT IN ({_ENDED})
          AND (l.holder = $1 OR l.prepared_by = $1
               OR l.state = 'signing' AND l.holder = ANY($7::text[]))
          AND desk.known_to(i, $2, $3, $4::text[], $5::text[], $6::text[])
        ORDER BY l.prepared_at, l.letter LIMIT $8
        """,  # noqa: S608  (a constant of this module)
        person,
        *seen,
        sorted(absent),
        limit,
    )
    return [
        CircuitRow(_letter(row), Chrono(row["chrono"]), ServiceId(row["service"]), row["signatory"])
        for row in rows
    ]


async def forget(connection: Connection, item_id: ItemId) -> None:
    """Deletes the prepared letters of an item whose content goes, with their steps."""
    await connection.execute("DELETE FROM desk.circuit_letters WHERE item_id = $1", item_id)


def _letter(row: asyncpg.Record) -> CircuitLetter:
    return CircuitLetter(
        letter=CircuitLetterId(row["letter"]),
        item_id=ItemId(row["item_id"]),
        kind=NoticeKind(row["kind"]),
        template=row["template"],
        prepared_by=PersonId(row["prepared_by"]),
        prepared_at=row["prepared_at"],
        state=CircuitState(row["state"]),
        holder=PersonId(row["holder"]),
        step=row["step"],
        document=row["document"] and BlobKey(row["document"]),
        files=tuple(BlobKey(key) for key in row["files"]),
    )
