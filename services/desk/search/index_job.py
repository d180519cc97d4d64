"""The content of what was registered becomes findable, a moment afterwards.

The transaction that registers only notes an id (sql/0030). Here the plis are read from the blobs
and written into `desk.search`; a crash leaves the note, and the note is read again. A pli that
can't be read leaves a row that says so: its item is found by its number, and `desk search reindex
--lacking` tries again.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import nh3

from services.desk.domain.likeness import sketch_of
from services.desk.domain.likeness import text_of as letter_text
from services.desk.jobs import JobContext
from services.desk.store import likenesses, search_index
from services.desk.store.search_index import IndexedText, IndexSource
from services.desk.store.search_types import MARKS
from shared.content import plis
from shared.content.blobs import Blobs
from shared.content.keyring import KeyMissing
from shared.content.plis import Correspondent, Pli
from shared.content.shallow_html import brief
from shared.errors import PermanentFailure
from shared.platform.database import Connection, Pool, single_statements, transaction
from shared.platform.jobs import Job, Left, every
from shared.platform.observability.logs import Log

BATCH = 100
"""Items and arrivals of a round."""
IDLE_SECONDS = 0.5
"""After a round that was not full: what is registered meanwhile shares the next one."""
LONGEST = 250_000
"""Octets of content that can be found: a file of a hundred typed pages."""
LONGEST_LINE = 1_000
LONGEST_NOTES = 50_000

log = Log("indexing")

_NO_LETTERS = (*MARKS, "\0")


def indexes(parts: JobContext) -> Job:
    """Makes the background job that indexes new content for the search."""

    async def some() -> Left | None:
        return Left.MORE if await index(parts.pool, parts.blobs) >= BATCH else None

    return every(IDLE_SECONDS, some, parts.stopping)


async def index(pool: Pool, blobs: Blobs, limit: int = BATCH) -> int:
    """Indexes a batch of queued items and arrivals; returns how many queue entries it had.

    No connection is held while the blobs are read. What has changed in the register meanwhile (such
    as deleted content) is not written: its entry stays in the queue.

    Raises:
        TemporaryFailure: database or blobs are away; the entries stay in the queue.
    """
    async with single_statements(pool) as connection:
        notes, ids = await search_index.oldest_notes(connection, limit)
        found = await search_index.sources(connection, ids) if notes else ()
    if not notes:
        return 0
    texts = await asyncio.gather(*(text_of(source, blobs) for source in found))
    async with transaction(pool) as connection:
        if not await search_index.lock_index(connection):
            return 0
        same = _unchanged(ids, found, await search_index.sources(connection, ids))
        await _write(connection, same, [text for text in texts if text.source.id in same])
        await search_index.delete_notes(connection, notes, same)
    return len(notes)


def _unchanged(
    ids: Sequence[UUID], before: Sequence[IndexSource], now: Sequence[IndexSource]
) -> Sequence[UUID]:
    """The ids of which the register still says what was read."""
    read, said = ({source.id: source for source in sources} for sources in (before, now))
    return [id_ for id_ in ids if read.get(id_) == said.get(id_)]


async def _write(connection: Connection, ids: Sequence[UUID], texts: Sequence[IndexedText]) -> None:
    """Writes all of them; what PostgreSQL can't index is named apart and hinders no other."""
    try:
        async with connection.transaction():
            await search_index.write(connection, ids, texts)
            await likenesses.write(connection, texts)
    except (asyncpg.DataError, asyncpg.ProgramLimitExceededError) as error:
        if len(texts) <= 1:
            log.warning("content_not_indexed", ids=len(ids), why=type(error).__name__)
            bare = [IndexedText(text.source, "", "", "", "unindexable") for text in texts]
            await search_index.write(connection, ids, bare)
            return
        gone = sorted(set(ids) - {text.source.id for text in texts})
        await _write(connection, gone, [])
        for text in texts:
            await _write(connection, [text.source.id], [text])


async def text_of(source: IndexSource, blobs: Blobs) -> IndexedText:
    """Returns the text of an item or arrival for the index.

    What is damaged, or locked by a key that is not here, is left out and said in `lacking`.

    Raises TemporaryFailure: the store can't be read now.
    """
    read, lacking = list[Pli](), None
    noted, unread = await _noted(source, blobs)
    who, unknown = await _who(source, blobs)
    for key in source.plis:
        try:
            read.append(await plis.read(blobs, key))
        except (PermanentFailure, KeyMissing):
            lacking = "unreadable"
            log.warning("content_not_indexed", id=str(source.id), blob=key)
    notes, unread_notes = await _notes(source, blobs)
    lacking = lacking or unread or unknown or unread_notes
    if not read:
        named = _clean(who, LONGEST_LINE), _clean(noted, LONGEST_LINE)
        return IndexedText(source, *named, "", lacking, notes=notes)
    # The words of a person stand first; those of the sender are still found.
    said = (read[0].subject,) if noted else ()
    sender = _sender(read[0])
    if who and sender != who:
        said = (*said, sender)
    body = "\n".join(part for part in (*said, *(p for pli in read for p in _body(pli))) if part)
    return IndexedText(
        source,
        _clean(who or sender, LONGEST_LINE),
        _clean(noted or read[0].subject, LONGEST_LINE),
        _clean(body, LONGEST),
        lacking,
        sketch_of(letter_text(read[0])) if source.kind == "item" else None,
        notes,
    )


async def _notes(source: IndexSource, blobs: Blobs) -> tuple[str, str | None]:
    """What colleagues noted, and why some of it can't be read."""
    found, lacking = list[str](), None
    for key in source.notes:
        try:
            found.append((await plis.read(blobs, key)).text)
        except (PermanentFailure, KeyMissing):
            lacking = "unreadable"
            log.warning("content_not_indexed", id=str(source.id), blob=key)
    return _clean("\n".join(found), LONGEST_NOTES), lacking


async def _noted(source: IndexSource, blobs: Blobs) -> tuple[str, str | None]:
    """The subject that a person wrote down, and why it can't be read."""
    if source.noted is None:
        return "", None
    try:
        return (await plis.read(blobs, source.noted)).subject, None
    except (PermanentFailure, KeyMissing):
        log.warning("content_not_indexed", id=str(source.id), blob=source.noted)
        return "", "unreadable"


async def _who(source: IndexSource, blobs: Blobs) -> tuple[str, str | None]:
    """Who writes, as a person wrote it down, and why it can't be read."""
    if source.sender is None:
        return "", None
    try:
        return _sender(await plis.read(blobs, source.sender)), None
    except (PermanentFailure, KeyMissing):
        log.warning("content_not_indexed", id=str(source.id), blob=source.sender)
        return "", "unreadable"


def _sender(pli: Pli) -> str:
    """The person behind it first, then whoever wrote for them."""
    said = dict.fromkeys(
        part
        for who in (pli.on_behalf, pli.answer_to, pli.sender)
        if who is not None
        for part in _names(who)
        if part
    )
    return " · ".join(said)


def _names(who: Correspondent) -> Sequence[str]:
    return (who.name, who.address, " ".join(who.postal.split()))


def _body(pli: Pli) -> Sequence[str]:
    """Own text, OCR and names of attachments; later messages bring their subject along."""
    scanned = () if pli.scan is None else pli.scan.pages
    text = pli.text or words_of(pli.html)
    files = " ".join(file.name for file in pli.attachments)
    attached = (file.text for file in pli.attachments)
    return (text, *(page for page in scanned if page not in text), files, *attached)


def words_of(html: str) -> str:
    """Returns the words of an email's HTML, as much of it as is parsed in this process."""
    return nh3.clean(brief(html), tags=set()) if html else ""


def _clean(text: str, longest: int) -> str:
    """As much as PostgreSQL can hold and index; half a letter at the cut is left out."""
    for mark in _NO_LETTERS:
        text = text.replace(mark, " ")
    octets = text.encode("utf-8", "replace")
    return octets[:longest].decode("utf-8", "ignore")
