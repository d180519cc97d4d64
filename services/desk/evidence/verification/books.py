"""The books that people write in, each row against the facts of the site's chain."""

import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress

from pydantic import ValidationError

from services.desk import books
from services.desk.books import BookEntry
from services.desk.domain import book_rows
from services.desk.evidence.domain.difference import Difference
from services.desk.evidence.verification.ground import VerificationContext
from services.desk.store import quality, slips
from shared.facts.authors import person_of
from shared.facts.quality import QUALITY, Book, BookOpened, QualityFact, SubjectId
from shared.platform.database import Connection, transaction

_NAMES: Mapping[Book, str] = {Book.DELEGATIONS: "delegation", Book.SLIPS: "bordereau"}
_KINDS = {kind.__name__: book for book, kinds in books.KINDS.items() for kind in kinds}
SealKey = tuple[SubjectId, str]
"""A row, and the name of what was told of it."""


async def check(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Compares the books (delegations, bordereaux) with their facts; yields the differences."""
    site = ground.applied.site.identity.id
    async with transaction(ground.pool, readonly=True) as connection:
        found = await differences(connection, site)
    for difference in found:
        yield difference


async def differences(connection: Connection, site: str) -> Sequence[Difference]:
    """Returns what differs between the rows of books and their facts, in both directions."""
    told, found = dict[SealKey, QualityFact](), list[Difference]()
    opened = set[Book]()
    for link in await quality.links(connection, site):
        with suppress(ValidationError):  # what can't be read is named by the chain's own check
            fact = QUALITY.validate_json(link.payload)
            if isinstance(fact, BookOpened):
                opened.add(fact.book)
            elif fact.type in _KINDS and told.setdefault(_key(fact), fact) is not fact:
                found.append(_difference(fact, "told twice"))
    for book in sorted(opened):
        rows = {
            (entry.subject(site), entry.kind.__name__): entry
            for entry in await books.book_entries(connection, book)
        }
        facts = {key: fact for key, fact in told.items() if _KINDS[fact.type] is book}
        found += _compared(book, rows, facts)
    found += [
        Difference("books", f"{_NAMES[Book.SLIPS]} {slip}", "not the table that was proposed")
        async for slip in _tables(connection)
    ]
    return found


def _key(fact: QualityFact) -> SealKey:
    return fact.subject_id, fact.type


def _compared(
    book: Book, rows: Mapping[SealKey, BookEntry], facts: Mapping[SealKey, QualityFact]
) -> Iterator[Difference]:
    for key, fact in facts.items():
        if (entry := rows.get(key)) is None:
            yield _difference(fact, f"{fact.type} by the chain, and in no table")
            continue
        differing = [name for name, value in entry.said.items() if getattr(fact, name) != value]
        if person_of(fact.by) is not None and entry.by not in {None, fact.by}:
            differing.append("by")
        if differing:
            what = f"not what was told by {fact.type} ({', '.join(differing)})"
            yield _difference(fact, what)
    for key in rows.keys() - facts.keys():
        entry = rows[key]
        what = f"{entry.kind.__name__} in the tables, and no fact says so"
        yield Difference("books", f"{_NAMES[book]} {entry.key}", what)


def _difference(fact: QualityFact, what: str) -> Difference:
    book = _KINDS[fact.type]
    key = getattr(fact, "number" if book is Book.DELEGATIONS else "slip")
    return Difference("books", f"{_NAMES[book]} {key}", what)


async def _tables(connection: Connection) -> AsyncIterator[str]:
    """Bordereaux whose table or lines are not those of its hash."""
    for slip, _ in await slips.every(connection):
        content = await slips.content_of(connection, slip.slip)
        lines = [line.chrono for line in await slips.lines_of(connection, slip.slip)]
        if content is not None and (
            hashlib.sha256(content).hexdigest() != slip.digest
            or sorted(book_rows.chronos(content)) != lines
        ):
            yield slip.slip
