"""The octets of documents against the hash that facts name, and against the decisions.

A blob that is gone is lawful only by a fact that says so (`DocumentWithdrawn`, `ItemWithdrawn`,
`ItemDestroyed`): of this item, or of the one that it was merged into.
"""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from pydantic import ValidationError

from services.desk.evidence.domain.difference import Difference
from services.desk.evidence.domain.originals import WRONG, Octets, OctetsDecision, deciding_fact
from services.desk.evidence.store import originals
from services.desk.evidence.store.chains import StoredChain
from services.desk.evidence.verification.ground import VerificationContext
from shared.content.blobs import KEY, Blobs, DamagedBlob
from shared.content.keyring import KeyDestroyed, KeyMissing
from shared.errors import PermanentFailure
from shared.facts.envelope import BlobKey, ItemId
from shared.facts.items import ITEMS, Items
from shared.platform.database import Connection, transaction

_FOLLOWED = 50
"""Mergers, one after the other."""


async def octets(blobs: Blobs, key: str) -> Octets:
    """Reads a blob and returns only its state: sound, altered, missing or lacking its key.

    Whether a decision explains it is not asked. Raises TemporaryFailure.
    """
    try:
        await blobs.get(BlobKey(key))
    except (KeyMissing, KeyDestroyed):
        return Octets.LOCKED
    except DamagedBlob:
        return Octets.ALTERED
    except PermanentFailure:
        return Octets.MISSING
    return Octets.SOUND


async def of_chain(stored: StoredChain, ground: VerificationContext) -> AsyncIterator[Difference]:
    """Reads those of an item's documents whose turn it is; yields each that is wrong.

    One that a decision deleted is not.
    """
    wanted = {
        key: None
        for link in stored.links
        for key in KEY.findall(link.payload)
        if ground.documents.includes(key, link.recorded_at)
    }
    for key in wanted:
        ground.checked["documents"] += 1
        word = await octets(ground.blobs, key)
        if word is Octets.MISSING:
            async with transaction(ground.pool, readonly=True) as connection:
                if await decision(connection, stored.item_id, key) is not None:
                    continue
        if word in WRONG:
            yield _difference(stored.chrono or str(stored.item_id), key, word, stored)


async def of_nothing(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Reads the stored bytes of arrivals without item (copies, set aside …); yields wrong ones."""
    after: UUID | None = None
    while True:
        async with transaction(ground.pool, readonly=True) as connection:
            page = await originals.unnamed_originals(connection, after)
        for arrival in page:
            for key in arrival.keys:
                if not ground.documents.includes(key, arrival.recorded_at):
                    continue
                ground.checked["documents"] += 1
                word = await octets(ground.blobs, key)
                if word in WRONG and not await _erased(arrival.arrival_id, ground):
                    yield _difference(arrival.chrono or str(arrival.arrival_id), key, word, None)
        if not page:
            return
        after = page[-1].arrival_id


async def _erased(arrival_id: UUID, ground: VerificationContext) -> bool:
    """Whether it went while the page was read."""
    async with transaction(ground.pool, readonly=True) as connection:
        return await originals.is_erased(connection, arrival_id)


def _difference(subject: str, key: str, word: Octets, stored: StoredChain | None) -> Difference:
    chrono = None if stored is None else stored.chrono
    what = f"document {key.rpartition('/')[2]}"
    return Difference("document", subject, what, Octets.SOUND.value, word.value, chrono)


async def decision(connection: Connection, item_id: ItemId, key: str) -> OctetsDecision | None:
    """Returns the decision that deleted a document of an item, or `None`.

    It may be one about the item into which that was merged.
    """
    current: ItemId | None = item_id
    for _ in range(_FOLLOWED):
        if current is None:
            return None
        facts = await _facts(connection, current)
        if not facts:
            return None
        found = deciding_fact(key, facts)
        if found is not None:
            return found
        current = await originals.merged_into(connection, current)
    return None


async def _facts(connection: Connection, item_id: ItemId) -> Sequence[Items]:
    rows = await originals.payloads(connection, item_id)
    try:
        return [ITEMS.validate_json(row) for row in rows]
    except ValidationError:
        return ()
