"""Texts and files that facts of quality name, each against the digest in its fact.

A text that was erased says so in its row; one that says something else, or has no row, is a
difference, and so is a filed document that is damaged or gone.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from pydantic import ValidationError

from services.desk.evidence.domain.difference import Difference
from services.desk.evidence.domain.originals import WRONG, Octets
from services.desk.evidence.domain.writings import files_of, texts_of
from services.desk.evidence.store import writings
from services.desk.evidence.verification import originals
from services.desk.evidence.verification.ground import VerificationContext
from services.desk.store import quality
from shared.facts.quality import QUALITY, Quality
from shared.platform.database import Connection, transaction


async def check(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Verifies each text of the quality system, and the files of proofs that this run reads."""
    site = ground.applied.site.identity.id
    facts = list[Quality]()
    async with transaction(ground.pool, readonly=True) as connection:
        for link in await quality.links(connection, site):
            with suppress(ValidationError):  # what can't be read is named by the chain's own check
                facts.append(QUALITY.validate_json(link.payload))
        found = await _texts(connection, facts)
    for difference in found:
        yield difference
    for fact in facts:
        for key in files_of(fact):
            if not ground.documents.wanted(key, fact.recorded_at):
                continue
            ground.checked["documents"] += 1
            word = await originals.octets(ground.blobs, key)
            if word in WRONG:
                what = f"document {key.rpartition('/')[2]}"
                yield Difference(
                    "document", f"quality {fact.seq}", what, Octets.SOUND.value, word.value
                )


async def _texts(connection: Connection, facts: Sequence[Quality]) -> Sequence[Difference]:
    wanted = {
        writings.text_id(fact.subject_id, digest): (fact, digest)
        for fact in reversed(facts)  # a text is named by the fact that told it first
        for digest in texts_of(fact)
    }
    kept, found = await writings.stored(connection, wanted), list[Difference]()
    for text_id, (fact, digest) in sorted(wanted.items(), key=lambda told: told[1][0].seq):
        if (stored := kept.get(text_id)) is None:
            found.append(Difference("text", f"quality {fact.seq}", "its text is in no table"))
        elif not stored.is_of(digest):
            what = "its text is not the one that was written"
            found.append(Difference("text", f"quality {fact.seq}", what))
    return found
