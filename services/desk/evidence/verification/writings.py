"""Texts and files that facts of quality name, each against the digest in its fact.

A text or document is gone lawfully only by a fact that says so (`WritingErased`), or as a member's
name, some years after the mandate. A text that says something else, or has no row, is a difference,
and so is a filed document that is damaged or gone, and what a fact says erased and is there: a text
at once, a document once its folder was deleted (a restored disk brings it back).
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import date

from pydantic import ValidationError

from services.desk.domain.writings import files_of, name_goes_on, text_id, texts_of
from services.desk.evidence.domain.difference import Difference
from services.desk.evidence.domain.originals import WRONG, Octets
from services.desk.evidence.store import writings
from services.desk.evidence.verification import originals
from services.desk.evidence.verification.ground import VerificationContext
from services.desk.store import quality
from shared.facts.envelope import BlobKey
from shared.facts.quality import QUALITY, Quality
from shared.facts.quality.committee import MemberAppointed, MemberEnded
from shared.facts.quality.erasures import WritingErased
from shared.platform.database import Connection, transaction


async def check(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Verifies quality texts, and files of proofs whose turn it is; yields the differences."""
    site = ground.applied.site.identity.id
    facts = list[Quality]()
    async with transaction(ground.pool, readonly=True) as connection:
        for link in await quality.links(connection, site):
            with suppress(ValidationError):  # what can't be read is named by the chain's own check
                facts.append(QUALITY.validate_json(link.payload))
        today = ground.now.astimezone(ground.applied.site.zone).date()
        found = await _texts(connection, facts, today)
    for difference in found:
        yield difference
    erased = {fact.file for fact in facts if isinstance(fact, WritingErased)}
    for fact in facts:
        for key in files_of(fact):
            if not ground.documents.includes(key, fact.recorded_at):
                continue
            ground.checked["documents"] += 1
            word = await originals.octets(ground.blobs, key)
            if key in erased:
                wrong = word is not Octets.MISSING and await _deleted(ground, key)
                proven = Octets.WITHDRAWN
            else:
                wrong, proven = word in WRONG, Octets.SOUND
            if wrong:
                what = f"document {key.rpartition('/')[2]}"
                yield Difference("document", f"quality {fact.seq}", what, proven.value, word.value)


async def _deleted(ground: VerificationContext, key: BlobKey) -> bool:
    """Whether its folder was deleted from the disk: until then it may still be there."""
    async with transaction(ground.pool, readonly=True) as connection:
        return await writings.is_deleted(connection, key)


async def _texts(
    connection: Connection, facts: Sequence[Quality], today: date
) -> Sequence[Difference]:
    wanted = {
        text_id(fact.subject_id, digest): (fact, digest)
        for fact in reversed(facts)  # a text is named by the fact that told it first
        for digest in texts_of(fact)
    }
    erased = {
        text_id(fact.subject_id, fact.sha256)
        for fact in facts
        if isinstance(fact, WritingErased) and fact.sha256 is not None
    }
    ended = {fact.subject_id: fact for fact in facts if isinstance(fact, MemberEnded)}
    names_gone = {
        subject
        for subject, fact in ended.items()
        if not fact.withdrawn and name_goes_on(fact.last) <= today
    }
    kept, found = await writings.stored_texts(connection, wanted), list[Difference]()
    for name, (fact, digest) in sorted(wanted.items(), key=lambda told: told[1][0].seq):
        of_a_member = isinstance(fact, MemberAppointed) and fact.subject_id in names_gone
        lawful = name in erased or of_a_member
        if (stored := kept.get(name)) is None:
            what = "its text is in no table"
        elif not stored.is_of(digest):
            what = "its text is not the one that was written"
        elif stored.body is None and not lawful:
            what = "its text is erased, and no fact says so"
        elif stored.body is not None and name in erased:
            what = "its text is there, and a fact says that it was erased"
        else:
            continue
        found.append(Difference("text", f"quality {fact.seq}", what))
    return found
