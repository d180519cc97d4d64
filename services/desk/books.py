"""The books that people write in, each row with its fact in the site's chain (ADR 0052).

Delegations of signature say who could sign, bordereaux d'élimination why a content is gone: an
auditor asks for both years later. A book is opened once, before its next row: what was written
earlier is stated as it stands, by the register. From then on a row without a fact, or a fact
without a row, is a difference (evidence/verification/books.py).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from services.desk.domain import book_rows
from services.desk.domain.stamp import REGISTER
from services.desk.store import quality, slips
from services.desk.store.quality import Author
from services.desk.store.slips import Slip, SlipLine
from shared.facts import ids
from shared.facts.authors import by_person
from shared.facts.envelope import Digest
from shared.facts.quality import (
    Book,
    BookOpened,
    DelegationEnded,
    DelegationGiven,
    QualityFact,
    SlipApproved,
    SlipCarriedOut,
    SlipDropped,
    SlipProposed,
    SubjectId,
)
from shared.platform.database import Connection
from shared.site.staff import delegations_store
from shared.site.tables.delegations import Given

KINDS: Final[Mapping[Book, Sequence[type[QualityFact]]]] = {
    Book.DELEGATIONS: (DelegationGiven, DelegationEnded),
    Book.SLIPS: (SlipProposed, SlipApproved, SlipCarriedOut, SlipDropped),
}


@dataclass(frozen=True, slots=True)
class BookEntry:
    """The data of the fact about one row of a book (table of delegations, of bordereaux)."""

    book: Book
    key: str
    """The delegation's number, or the bordereau's."""
    kind: type[QualityFact]
    said: dict[str, Any]
    by: str | None = None
    """Who wrote it, as the row says; `None` where the row does not."""

    def subject(self, site: str) -> SubjectId:
        """Returns the subject id of the fact about a book's row, from site, book and row's key."""
        return ids.quality_id(site, self.book.value, self.key)


def delegation_given(one: Given) -> BookEntry:
    """Returns the book entry for the fact that a delegation of signature was given."""
    said = one.model_dump(include={"number", "person", "first", "last", "services", "kinds"})
    said["sha256"] = book_rows.delegation(one)
    return BookEntry(Book.DELEGATIONS, str(one.number), DelegationGiven, said, one.author)


def delegation_ended(one: Given) -> BookEntry:
    """Returns the book entry for the fact that a delegation of signature was ended."""
    said = {"number": one.number, "person": one.person, "sha256": book_rows.delegation(one)}
    return BookEntry(Book.DELEGATIONS, str(one.number), DelegationEnded, said, one.author)


def slip_proposed(slip: str, n: int, digest: str) -> BookEntry:
    """Returns the book entry for the fact that a bordereau d'élimination was drawn up.

    `n` is its number of lines, `digest` the SHA-256 of its table.
    """
    said = {"slip": slip, "n": n, "sha256": Digest(digest)}
    return BookEntry(Book.SLIPS, slip, SlipProposed, said)


def slip_approved(slip: str, visa: str, archivist: str, day: date) -> BookEntry:
    """Returns the book entry for the fact that an archivist approved a bordereau."""
    said = {"slip": slip, "approved_on": day, "sha256": book_rows.visa(visa, archivist, day)}
    return BookEntry(Book.SLIPS, slip, SlipApproved, said)


def carried_out(slip: str, lines: Collection[tuple[str, str]]) -> BookEntry:
    """Returns the book entry for the fact that a bordereau d'élimination was carried out.

    `lines`: chrono and outcome of each item.
    """
    gone = sum(outcome == slips.DESTROYED for _, outcome in lines)
    said = {"destroyed": gone, "left": len(lines) - gone, "sha256": book_rows.outcomes(lines)}
    return BookEntry(Book.SLIPS, slip, SlipCarriedOut, {"slip": slip, **said})


def slip_dropped(slip: str) -> BookEntry:
    """Returns the book entry for the fact that a bordereau d'élimination was given up."""
    return BookEntry(Book.SLIPS, slip, SlipDropped, {"slip": slip})


async def open_all(
    connection: Connection, site: str, now: datetime, but: Collection[str] = ()
) -> None:
    """Records, once for each book, a fact for each of its present rows, then `BookOpened`.

    From then on each new row gets its fact as it is written (`tell`): call this before. `but`: ids
    of persons whose delegations were just written; the caller states the facts of these.
    """
    await quality.lock_chain(connection)
    author = Author(site, REGISTER, now)
    for book in Book:
        subject = ids.quality_id(site, "book", book.value)
        if await quality.is_stated(connection, subject, BookOpened):
            continue
        rows = await book_entries(connection, book)
        before = [entry for entry in rows if entry.said.get("person") not in but]
        for entry in before:
            await tell(connection, author, entry)
        await quality.state(connection, author, subject, BookOpened, book=book, n=len(before))


async def tell(connection: Connection, author: Author, entry: BookEntry) -> None:
    """Records in the quality chain, and publishes, a row just written into a book.

    Books: the delegations of signature, the bordereaux d'élimination.
    """
    subject = entry.subject(author.site)
    await quality.state(connection, author, subject, entry.kind, **entry.said)


async def tell_delegations(
    connection: Connection, author: Author, persons: Collection[str]
) -> None:
    """Records a `DelegationGiven` fact for each delegation of people who were just added."""
    await open_all(connection, author.site, author.now, persons)
    for row in await delegations_store.every(connection):
        entry = delegation_given(row.given)
        new = row.ends is None and row.given.person in persons
        subject = entry.subject(author.site)
        if new and not await quality.is_stated(connection, subject, entry.kind):
            await tell(connection, author, entry)


async def book_entries(connection: Connection, book: Book) -> Sequence[BookEntry]:
    """Returns the entries of all rows in a book's table, in the order in which they were added."""
    if book is Book.DELEGATIONS:
        return [
            delegation_given(row.given)
            if row.ends is None
            else delegation_ended(row.given.model_copy(update={"number": row.ends}))
            for row in await delegations_store.every(connection)
        ]
    found = reversed(await slips.every(connection))
    return [
        entry
        for slip, n in found
        for entry in _steps(slip, n, await slips.lines_of(connection, slip.slip))
    ]


def _steps(slip: Slip, n: int, lines: Sequence[SlipLine]) -> Iterator[BookEntry]:
    """What was done of a bordereau, as its row says it."""
    yield _by(slip.proposed_by, slip_proposed(slip.slip, n, slip.digest))
    if slip.visa is not None and slip.visa_on is not None:
        entry = slip_approved(slip.slip, slip.visa, slip.archivist or "", slip.visa_on)
        yield _by(slip.visa_by, entry)
    if slip.done_at is not None:
        outcomes = [(line.chrono, line.outcome or "") for line in lines]
        yield _by(slip.done_by, carried_out(slip.slip, outcomes))
    if slip.dropped_at is not None:
        yield _by(slip.dropped_by, slip_dropped(slip.slip))


def _by(person: str | None, entry: BookEntry) -> BookEntry:
    return replace(entry, by=None if person is None else by_person(person))
