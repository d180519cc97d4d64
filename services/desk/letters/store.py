"""The library of standard letters in schema `desk`: each letter with all its versions."""

from collections.abc import Sequence

import asyncpg

from services.desk.letters.domain.library import LetterContent, LetterId, LetterState, LetterVersion
from services.desk.letters.domain.sheets import OtherLanguage, SheetContent, SheetKind
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection


async def library(
    connection: Connection, services: Sequence[str] | None
) -> Sequence[LetterVersion]:
    """Returns all versions of the standard letters of these services, newest first.

    `services` `None`: every service. Letters that all services may use are always among them.
    """
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
    """Returns every version of one standard letter, the newest first.

    `lock`: locks the letter until the transaction ends.
    """
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
    """Saves a version of a standard letter, and the letter itself if it is new."""
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
             withdrawn_at, place, offline, check_every, language, other_subject, other_body,
             reviewer, reviewed_on)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                $19, $20, $21, $22, $23, $24, $25)
        ON CONFLICT (letter, number) DO UPDATE SET
            kind = excluded.kind, title = excluded.title, subject = excluded.subject,
            body = excluded.body, anonymity = excluded.anonymity, state = excluded.state,
            author = excluded.author, written_at = excluded.written_at,
            submitted_by = excluded.submitted_by, submitted_at = excluded.submitted_at,
            approved_by = excluded.approved_by, approved_at = excluded.approved_at,
            alone = excluded.alone, withdrawn_by = excluded.withdrawn_by,
            withdrawn_at = excluded.withdrawn_at, place = excluded.place,
            offline = excluded.offline, check_every = excluded.check_every,
            language = excluded.language, other_subject = excluded.other_subject,
            other_body = excluded.other_body, reviewer = excluded.reviewer,
            reviewed_on = excluded.reviewed_on
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
        *_cells(what.sheet),
    )


def _cells(sheet: SheetContent | None) -> Sequence[object]:
    """What only a sheet has, as its columns hold it."""
    if sheet is None:
        return (None,) * 8
    other = sheet.other
    said: tuple[object, ...] = (None,) * 5
    if other is not None:
        said = (other.language, other.subject, other.body, other.reviewer, other.reviewed_on)
    return (sheet.place, sheet.offline, sheet.check_every, *said)


def _version(row: asyncpg.Record) -> LetterVersion:
    return LetterVersion(
        letter=LetterId(row["letter"]),
        service=row["service"] and ServiceId(row["service"]),
        number=row["number"],
        content=LetterContent(
            _kind(row["kind"]),
            row["title"],
            row["subject"],
            row["body"],
            row["anonymity"],
            _sheet(row),
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


def _kind(word: str) -> NoticeKind | SheetKind:
    return SheetKind(word) if word in set(SheetKind) else NoticeKind(word)


def _sheet(row: asyncpg.Record) -> SheetContent | None:
    if row["check_every"] is None:
        return None
    other = None
    if row["language"] is not None:
        other = OtherLanguage(
            row["language"],
            row["other_subject"],
            row["other_body"],
            row["reviewer"],
            row["reviewed_on"],
        )
    return SheetContent(row["place"], row["offline"] or "", row["check_every"], other)
