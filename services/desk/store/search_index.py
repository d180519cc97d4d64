"""What the search reads of the register, and where it writes it (sql/0030).

One row of `desk.search` is written whole or not at all: whoever reads the queue again writes the
same row again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from services.desk.domain.likeness import Sketch
from services.desk.store.withdrawals import TAKEN_BACK
from shared.facts.envelope import BlobKey
from shared.facts.items import Items
from shared.facts.items.corrections import FactWithdrawn
from shared.facts.items.registration import SenderNoted, SubjectNoted
from shared.facts.items.routing import ItemReclassified, NoteWritten
from shared.facts.vocabulary import Confidentiality
from shared.platform.database import Connection

_ALONE = 0x73656172
"""Key of the lock under which rows are written ("sear"): two writers could cross each other."""
_WINDOW = 1_000
"""Entries of the queue among which those of one id are looked for: a batch of 500 notes so many."""
_BLANKS = dict.fromkeys("\u00a0\u2007\u2009\u202f", " ") | dict.fromkeys(
    "\u00ad\u200b\u2060\ufeff", ""
)
"""Spaces that do not break become plain, marks without width go.

Mail programs write them before « ? » and within long words; to a database whose LC_CTYPE is C they
are letters of their word, which nobody would find.
"""


@dataclass(frozen=True, slots=True)
class IndexSource:
    """An item or arrival to index for the search, with the keys of its plis."""

    id: UUID
    kind: str
    at: datetime
    chrono: str
    """Empty for what is no item."""
    plis: tuple[BlobKey, ...]
    noted: BlobKey | None = None
    """The pli of the subject that a person wrote down."""
    sender: BlobKey | None = None
    """The pli of who writes, as a person wrote it down."""
    notes: tuple[BlobKey, ...] = ()
    """The plis of what colleagues noted of an item; none of what is réservé, or was."""


@dataclass(frozen=True, slots=True)
class IndexedText:
    """The text of an item or arrival as the search index stores it."""

    source: IndexSource
    sender: str
    subject: str
    body: str
    lacking: str | None
    sketch: Sketch | None = None
    """Of the letter that opened the item, by which one that came twice is found."""
    notes: str = ""
    """What colleagues noted of it."""


async def lock_index(connection: Connection) -> bool:
    """Takes the lock on the search index; returns whether this transaction got it."""
    return bool(await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _ALONE))


async def note(connection: Connection, ids: Sequence[UUID]) -> None:
    """Queues items and arrivals by id to be indexed again; their old text stays until then."""
    if ids:
        await connection.execute(
            "INSERT INTO desk.to_index (id) SELECT DISTINCT unnest($1::uuid[])", ids
        )


async def note_reworded(connection: Connection, facts: Sequence[Items]) -> None:
    """Queues for the search index the items whose subject, sender or notes these facts change."""
    await note(connection, [fact.item_id for fact in facts if _rewords(fact)])


def _rewords(fact: Items) -> bool:
    """Whether the item has another subject, sender or note from now on, or none to be found."""
    match fact:
        case ItemReclassified(classification=what):  # réservé, its notes leave the index
            return what.confidentiality is not Confidentiality.NORMAL
        case SubjectNoted() | SenderNoted() | NoteWritten():
            return True
        case FactWithdrawn(fact_type=what):
            return what in {SubjectNoted.__name__, SenderNoted.__name__, NoteWritten.__name__}
        case _:
            return False


async def oldest_notes(connection: Connection, limit: int) -> tuple[Sequence[int], Sequence[UUID]]:
    """Returns the `limit` ids that wait longest for the index, and the numbers of their entries.

    An id names an item, an arrival without item, or a line of the earlier register. It comes with
    its entries among the oldest thousand: what a batch registers is noted twice, of its items and
    then of their arrivals, and is indexed once.
    """
    rows = await connection.fetch(
        "SELECT number, id FROM desk.to_index ORDER BY number LIMIT $1", max(limit, _WINDOW)
    )
    oldest = set(islice(dict.fromkeys(row["id"] for row in rows), limit))
    return [row["number"] for row in rows if row["id"] in oldest], sorted(oldest)


async def sources(connection: Connection, ids: Sequence[UUID]) -> Sequence[IndexSource]:
    """Returns what the search indexes of these ids: items, arrivals without one, older lines.

    Older lines are of a register that was in use before. Destroyed items and erased arrivals are
    left out.
    """
    rows = await connection.fetch(
        f"""
        SELECT i.item_id AS id, 'item' AS kind, i.registered_at AS at, i.chrono, ARRAY(
            SELECT pli FROM (
                SELECT f.payload::jsonb ->> 'pli' AS pli, '-infinity'::timestamptz AS received
                FROM desk.facts f
                WHERE f.item_id = i.item_id AND f.seq = 1
                  -- What came through the door is in desk.arrivals, as long as it may be read.
                  -- Told by its letters first: taking a fact apart is most of what this asks.
                  AND f.payload NOT LIKE '%"arrival_id":"%'
                  AND f.payload::jsonb ->> 'arrival_id' IS NULL
                UNION
                SELECT a.pli, min(a.received_at) FROM desk.arrivals a
                WHERE a.item_id = i.item_id AND a.word IN ('item', 'message') GROUP BY a.pli
            ) AS keys WHERE pli IS NOT NULL GROUP BY pli ORDER BY min(received), pli
        ) AS plis, (
            SELECT f.payload::jsonb ->> 'pli' FROM desk.facts f
            WHERE f.item_id = i.item_id AND f.type = 'SubjectNoted'
              AND NOT {TAKEN_BACK}
            ORDER BY f.seq DESC LIMIT 1
        ) AS noted, (
            SELECT f.payload::jsonb ->> 'pli' FROM desk.facts f
            WHERE f.item_id = i.item_id AND f.type = 'SenderNoted'
              AND NOT {TAKEN_BACK}
              -- It says who wrote what opened the item, and goes with it.
              AND NOT EXISTS (SELECT FROM desk.arrivals gone
                              WHERE gone.item_id = i.item_id AND gone.word = 'item'
                                AND gone.erased_at IS NOT NULL)
            ORDER BY f.seq DESC LIMIT 1
        ) AS who, ARRAY(
            SELECT f.payload::jsonb ->> 'pli' FROM desk.facts f
            WHERE f.item_id = i.item_id AND f.type = 'NoteWritten'
              AND i.confidentiality = 'normal' AND NOT i.was_reserved
              AND NOT {TAKEN_BACK}
            ORDER BY f.seq
        ) AS notes
        FROM desk.items i WHERE i.item_id = ANY($1::uuid[]) AND i.state <> 'destroyed'
        UNION ALL
        SELECT arrival_id, 'aside', received_at, '', ARRAY[pli]::text[], NULL, NULL, '{{}}'
        FROM desk.arrivals
        WHERE arrival_id = ANY($1::uuid[]) AND item_id IS NULL AND erased_at IS NULL
          AND word IN ('history', 'set_aside', 'quarantine')
        UNION ALL
        SELECT line_id, 'past', received_on::timestamptz, '', ARRAY[pli], NULL, NULL, '{{}}'
        FROM desk.past_lines
        WHERE line_id = ANY($1::uuid[])
        """,  # noqa: S608  (a constant of facts.py)
        ids,
    )
    return [
        IndexSource(
            row["id"],
            row["kind"],
            row["at"],
            row["chrono"],
            tuple(BlobKey(key) for key in row["plis"] if key is not None),
            row["noted"] and BlobKey(row["noted"]),
            row["who"] and BlobKey(row["who"]),
            tuple(BlobKey(key) for key in row["notes"] if key is not None),
        )
        for row in rows
    ]


async def write(connection: Connection, ids: Sequence[UUID], texts: Sequence[IndexedText]) -> None:
    """Replaces the search text of these ids; an id for which no text is given is deleted."""
    await connection.execute("DELETE FROM desk.search WHERE id = ANY($1::uuid[])", ids)
    # Locked: an item whose content is being withdrawn must not come back by a row written late.
    await connection.execute(
        """
        WITH standing AS (
            SELECT item_id FROM desk.items
            WHERE item_id = ANY($1::uuid[]) AND state <> 'destroyed' ORDER BY item_id FOR SHARE
        )
        INSERT INTO desk.search
            (id, kind, at, chrono, sender, subject, body, lacking, notes, note_words)
        SELECT text.*, CASE WHEN notes <> '' THEN to_tsvector('desk.french', notes) END
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[],
                    $6::text[], $7::text[], $8::text[], $9::text[])
            AS text (id, kind, at, chrono, sender, subject, body, lacking, notes)
        WHERE kind <> 'item' OR id IN (SELECT item_id FROM standing)
        """,
        [text.source.id for text in texts],
        [text.source.kind for text in texts],
        [text.source.at for text in texts],
        [text.source.chrono for text in texts],
        [_unblanked(text.sender) for text in texts],
        [_unblanked(text.subject) for text in texts],
        [_unblanked(text.body) for text in texts],
        [text.lacking for text in texts],
        [_unblanked(text.notes) for text in texts],
    )


def _unblanked(text: str) -> str:
    """Mark by mark: `translate` would ask a dictionary of each letter of the text."""
    for blank, plain in _BLANKS.items():
        text = text.replace(blank, plain)
    return text


async def delete_notes(connection: Connection, notes: Sequence[int], ids: Sequence[UUID]) -> None:
    """Deletes entries of the indexing queue that were processed, for these ids only."""
    await connection.execute(
        "DELETE FROM desk.to_index WHERE number = ANY($1::bigint[]) AND id = ANY($2::uuid[])",
        notes,
        ids,
    )


async def note_all(connection: Connection, *, lacking: bool) -> int:
    """Queues everything to be indexed again, or only what was unreadable; returns how many."""
    status = await connection.execute(
        "INSERT INTO desk.to_index (id) SELECT id FROM desk.search WHERE lacking IS NOT NULL"
        if lacking
        else """
        INSERT INTO desk.to_index (id)
        SELECT item_id FROM desk.items
        UNION SELECT arrival_id FROM desk.arrivals
              WHERE word IN ('history', 'set_aside', 'quarantine')
        UNION SELECT line_id FROM desk.past_lines
        UNION SELECT id FROM desk.search
        """
    )
    return int(status.split()[-1])


@dataclass(frozen=True, slots=True)
class Lag:
    """The lag of the search index: queue length, age of its oldest entry, unreadable texts."""

    waiting: int
    oldest_seconds: float
    lacking: int


async def lag(connection: Connection) -> Lag:
    """Measures how far the search index is behind: entries queued, oldest age, unreadable.

    The age is in seconds of real time.
    """
    row = await connection.fetchrow(
        """
        SELECT count(*) AS waiting,
               coalesce(extract(epoch FROM clock_timestamp() - min(since)), 0)::float8 AS oldest,
               (SELECT count(*) FROM desk.search WHERE lacking IS NOT NULL) AS lacking
        FROM desk.to_index
        """
    )
    return Lag(0, 0.0, 0) if row is None else Lag(row["waiting"], row["oldest"], row["lacking"])
