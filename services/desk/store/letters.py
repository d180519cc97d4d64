"""The library of standard letters, and what was composed from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import asyncpg

from services.desk.domain.letters.library import LetterContent, LetterId, LetterState, LetterVersion
from shared.facts.envelope import Chrono, ItemId, PersonId, ServiceId
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection

By = Literal["mail", "pdf", "odt"]
"""By which way a letter was composed."""


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a standard letter for an item."""

    item_id: ItemId
    version: str
    """`letter@number`."""
    kind: NoticeKind
    by: By
    person: PersonId
    at: datetime
    until: date | None = None
    addressee: str | None = None
    """Code of the administration to which it says that the item was transmitted."""
    adapted: bool = False
    chrono: Chrono | None = None
    """Of the item; read, never written."""


async def library(
    connection: Connection, services: Sequence[str] | None
) -> Sequence[LetterVersion]:
    """The versions of letters for these services, newest first; `None`: everything."""
    rows = await connection.fetch(
        """
        SELECT version.*, letter.service FROM desk.letter_versions AS version
        JOIN desk.letters AS letter USING (letter)
        WHERE $1::text[] IS NULL OR letter.service IS NULL OR letter.service = ANY($1)
        ORDER BY letter.service NULLS FIRST, letter, number DESC
        """,
        services,
    )
    return [_version(row) for row in rows]


async def versions(
    connection: Connection, letter: str, *, lock: bool = False
) -> Sequence[LetterVersion]:
    """Every version of one letter, the newest first; `lock`: until the transaction ends."""
    if lock:
        await connection.execute("SELECT 1 FROM desk.letters WHERE letter = $1 FOR UPDATE", letter)
    rows = await connection.fetch(
        """
        SELECT version.*, letter.service FROM desk.letter_versions AS version
        JOIN desk.letters AS letter USING (letter) WHERE letter = $1 ORDER BY number DESC
        """,
        letter,
    )
    return [_version(row) for row in rows]


async def save(connection: Connection, version: LetterVersion) -> None:
    """Saves a version, and its letter if it is new."""
    what = version.content
    await connection.execute(
        "INSERT INTO desk.letters (letter, service) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        version.letter,
        version.service,
    )
    await connection.execute(
        """
        INSERT INTO desk.letter_versions
            (letter, number, kind, title, subject, body, anonymity, state, author, written_at,
             submitted_by, submitted_at, approved_by, approved_at, alone, withdrawn_by,
             withdrawn_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        ON CONFLICT (letter, number) DO UPDATE SET
            kind = excluded.kind, title = excluded.title, subject = excluded.subject,
            body = excluded.body, anonymity = excluded.anonymity, state = excluded.state,
            author = excluded.author, written_at = excluded.written_at,
            submitted_by = excluded.submitted_by, submitted_at = excluded.submitted_at,
            approved_by = excluded.approved_by, approved_at = excluded.approved_at,
            alone = excluded.alone, withdrawn_by = excluded.withdrawn_by,
            withdrawn_at = excluded.withdrawn_at
        """,
        version.letter,
        version.number,
        what.kind.value,
        what.title,
        what.subject,
        what.body,
        what.anonymity,
        version.state.value,
        version.author,
        version.written_at,
        version.submitted_by,
        version.submitted_at,
        version.approved_by,
        version.approved_at,
        version.alone,
        version.withdrawn_by,
        version.withdrawn_at,
    )


async def keep_use(connection: Connection, decision: UUID, use: Use) -> None:
    """Stores which version an item used, once for each decision."""
    letter, _, number = use.version.partition("@")
    await connection.execute(
        """
        INSERT INTO desk.letter_uses
            (decision, item_id, letter, number, kind, way, until, addressee, adapted, person,
             used_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING
        """,
        decision,
        use.item_id,
        letter,
        int(number),
        use.kind.value,
        use.by,
        use.until,
        use.addressee,
        use.adapted,
        use.person,
        use.at,
    )


async def on_paper(
    connection: Connection, item_ids: Sequence[ItemId]
) -> Mapping[tuple[ItemId, NoticeKind], Use]:
    """The last letter of each kind that was downloaded to be printed, for these items."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (item_id, kind) * FROM desk.letter_uses
        WHERE item_id = ANY($1::uuid[]) AND way <> 'mail' ORDER BY item_id, kind, used_at DESC
        """,
        item_ids,
    )
    uses = [_use(row) for row in rows]
    return {(use.item_id, use.kind): use for use in uses}


async def uses(
    connection: Connection, letter: str, number: int | None = None, limit: int = 200
) -> Sequence[Use]:
    """The items that used a letter, the latest first."""
    rows = await connection.fetch(
        """
        SELECT use.*, item.chrono FROM desk.letter_uses AS use
        JOIN desk.items AS item USING (item_id)
        WHERE letter = $1 AND ($2::int IS NULL OR number = $2)
        ORDER BY used_at DESC, decision LIMIT $3
        """,
        letter,
        number,
        limit,
    )
    return [_use(row, Chrono(row["chrono"])) for row in rows]


async def counts(connection: Connection) -> Mapping[str, int]:
    """Counts how often each version (`letter@number`) was used."""
    rows = await connection.fetch(
        """
        SELECT letter, number, sum(n) AS n FROM desk.letter_uses_counts GROUP BY letter, number
        """
    )
    return {f"{row['letter']}@{row['number']}": int(row["n"]) for row in rows}


def _use(row: asyncpg.Record, chrono: Chrono | None = None) -> Use:
    return Use(
        item_id=ItemId(row["item_id"]),
        version=f"{row['letter']}@{row['number']}",
        kind=NoticeKind(row["kind"]),
        by=row["way"],
        person=PersonId(row["person"]),
        at=row["used_at"],
        until=row["until"],
        addressee=row["addressee"],
        adapted=row["adapted"],
        chrono=chrono,
    )


def _version(row: asyncpg.Record) -> LetterVersion:
    return LetterVersion(
        letter=LetterId(row["letter"]),
        service=row["service"] and ServiceId(row["service"]),
        number=row["number"],
        content=LetterContent(
            NoticeKind(row["kind"]), row["title"], row["subject"], row["body"], row["anonymity"]
        ),
        state=LetterState(row["state"]),
        author=PersonId(row["author"]),
        written_at=row["written_at"],
        submitted_by=row["submitted_by"] and PersonId(row["submitted_by"]),
        submitted_at=row["submitted_at"],
        approved_by=row["approved_by"] and PersonId(row["approved_by"]),
        approved_at=row["approved_at"],
        alone=row["alone"],
        withdrawn_by=row["withdrawn_by"] and PersonId(row["withdrawn_by"]),
        withdrawn_at=row["withdrawn_at"],
    )
