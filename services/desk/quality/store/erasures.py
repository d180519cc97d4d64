"""Erasures of texts and documents of the quality system: what was asked, what is gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, get_args
from uuid import UUID

from services.desk.domain.writings import WRITTEN, Writing
from services.desk.quality.store import texts
from services.desk.store import erasures as disk
from services.desk.store import quality
from shared.errors import PermanentFailure
from shared.facts.envelope import BlobKey, Digest
from shared.facts.quality import Quality
from shared.facts.quality.erasures import Erasure, ErasureAsked, ErasureDropped, WritingErased
from shared.platform.database import Connection

KINDS: Final = get_args(Erasure)
ErasureKey = tuple[UUID, Digest | BlobKey]
"""A text or a document: the subject of the facts that name it, its digest or blob."""


@dataclass(frozen=True, slots=True)
class Erasures:
    """The requested and carried-out erasures of quality texts and documents."""

    waiting: Mapping[ErasureKey, ErasureAsked]
    """What a second person has not confirmed yet."""
    erased: Mapping[ErasureKey, WritingErased]

    def request(self, seq: int) -> ErasureAsked | None:
        """Returns the erasure request with this `seq`, if it still waits, or `None`."""
        return next((asked for asked in self.waiting.values() if asked.seq == seq), None)


def key_of(subject: UUID, what: Writing | ErasureAsked | WritingErased) -> ErasureKey | None:
    """Returns the key of a subject's text or document; `None` if it names neither."""
    part = what.file if what.sha256 is None else what.sha256
    return None if part is None else (subject, part)


async def erasures(connection: Connection) -> Erasures:
    """Reads which erasures of quality texts and documents were requested or carried out."""
    found = await quality.of_kinds(connection, KINDS)
    ended = {fact.asked for fact in found if isinstance(fact, ErasureDropped | WritingErased)}
    waiting, erased = dict[ErasureKey, ErasureAsked](), dict[ErasureKey, WritingErased]()
    for fact in found:
        if not isinstance(fact, ErasureAsked | WritingErased):
            continue
        key = key_of(fact.subject_id, fact)
        if key is None:
            continue
        if isinstance(fact, WritingErased):
            erased[key] = fact
        elif fact.seq not in ended:
            waiting[key] = fact
    return Erasures(waiting, erased)


async def erased_files(connection: Connection) -> frozenset[BlobKey]:
    """Returns the blob keys of quality documents that were erased."""
    found = await quality.of_kinds(connection, [WritingErased])
    return frozenset(
        fact.file for fact in found if isinstance(fact, WritingErased) and fact.file is not None
    )


async def is_there(connection: Connection, subject: UUID, what: Writing | ErasureAsked) -> bool:
    """Whether a text or document is still there to be erased."""
    if what.sha256 is not None:
        key = (subject, what.sha256)
        return (await texts.texts(connection, {key})).get(key, texts.MISSING) != texts.MISSING
    return what.file is not None and not await disk.is_condemned(connection, disk.folder(what.file))


async def carry_out(connection: Connection, fact: WritingErased, now: datetime) -> None:
    """Erases the body of a text at once, or has the document's folder erased from the disk.

    Raises PermanentFailure for a document in the folder of an arrival.
    """
    if fact.sha256 is not None:
        await texts.erase(connection, fact.subject_id, fact.sha256, now)
    if fact.file is None:
        return
    folder = disk.folder(fact.file)
    if await connection.fetchval(
        "SELECT EXISTS (SELECT FROM desk.arrivals WHERE arrival_id = $1)", folder.owner
    ):
        # Whoever filed it wrote it into a letter's folder, which goes by the letter's decisions.
        raise PermanentFailure(f"{fact.file} lies in the folder of an arrival: nothing is erased.")
    await disk.condemn_folders(connection, [folder], "withdrawn", now)


async def last_written(
    connection: Connection, before: int | None, most: int
) -> tuple[Sequence[Quality], int | None]:
    """Returns the last facts that may name a text or a document, the latest first.

    `before`: only those with a lower `seq`. Unreadable ones are left out. Returns with them the
    `before` of the next page; `None`: this is the last.
    """
    return await quality.latest(connection, WRITTEN, before, most)
