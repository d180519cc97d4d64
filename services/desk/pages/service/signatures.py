"""Prepared letters that wait for whoever asks: counted at home, listed on `/signatures`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.desk.pages.visit import Visit
from services.desk.store import circuit_letters
from services.desk.store.circuit_letters import CircuitRow, CircuitState
from shared.facts.envelope import PersonId

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class WaitingLetters:
    """Prepared letters, oldest first: those that wait for somebody, their own with others."""

    mine: Sequence[CircuitRow]
    elsewhere: Sequence[CircuitRow]
    most: int
    """How many are shown where there may be more; 0: these are all."""


async def letters_of(visit: Visit) -> WaitingLetters:
    """Returns the prepared letters that wait for the person, and their own that lie elsewhere.

    A letter waits for them if it lies with them, or if they are the first with a delegation for it
    who is there while its signatory is away.
    """
    directory, me = visit.directory, PersonId(visit.person.id)
    absent = [person for person in directory.people if directory.is_away(person, visit.today)]
    rows = await circuit_letters.open_letters(visit.connection, me, absent, visit.roles.seen, MOST)
    mine = [row for row in rows if row.lies_with == me or _instead(visit, row, me)]
    elsewhere = [row for row in rows if row not in mine and row.letter.prepared_by == me]
    return WaitingLetters(mine, elsewhere, MOST if len(rows) == MOST else 0)


async def waiting_letters(visit: Visit) -> int:
    """Counts the prepared letters that wait for the person, for a home page."""
    return len((await letters_of(visit)).mine)


def _instead(visit: Visit, row: CircuitRow, me: PersonId) -> bool:
    """Whether the person signs it in the place of who is away."""
    letter, holder = row.letter, row.lies_with
    if letter.state is not CircuitState.SIGNING or not visit.directory.is_away(holder, visit.today):
        return False
    service = visit.applied.site.service_now(row.service)
    if service is None:
        return False
    able = visit.directory.signatories(service.id, letter.kind, visit.today)
    there = (person.id for person in able if not visit.directory.is_away(person.id, visit.today))
    return next(there, None) == me
