"""The documents that the facts of an item name: what each is, and in which of four states."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from services.desk.evidence.domain.originals import WRONG, Octets, OctetsDecision
from services.desk.evidence.verification.originals import decision, octets
from services.desk.item_documents import document_label
from shared.content.blobs import KEY, Blobs
from shared.facts.authors import person_of
from shared.facts.envelope import ItemId
from shared.facts.items import Items
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class ProofDocument:
    """A document named by an item's facts, with the state of its stored bytes."""

    key: str
    label: str
    seq: int
    """The fact that names it first."""
    state: Octets
    said: str
    """« conforme », « altéré », « manquant sans décision », « chiffré, clé absente », or
    « retiré le … par … »."""

    @property
    def wrong(self) -> bool:
        """Whether the document is altered or missing and no decision explains it."""
        return self.state in WRONG

    @property
    def sha256(self) -> str:
        """The SHA-256 of the document, as the facts give it."""
        return self.key.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Named:
    """A document named by an item's facts, before its stored bytes are read."""

    key: str
    label: str
    seq: int
    decided: OctetsDecision | None
    """By which it may be gone."""


async def named_documents(
    connection: Connection, item_id: ItemId, facts: Sequence[Items]
) -> Sequence[Named]:
    """Returns the documents named by an item's facts, in order, without reading their bytes."""
    found: dict[str, Named] = {}
    for fact in facts:
        for key in KEY.findall(fact.model_dump_json()):
            if key not in found:
                decided = await decision(connection, item_id, key)
                found[key] = Named(key, document_label(fact, key), fact.seq, decided)
    return list(found.values())


async def read(blobs: Blobs, named: Sequence[Named]) -> Sequence[ProofDocument]:
    """Checks the stored bytes of each document; reads no database. Raises TemporaryFailure."""
    found = list[ProofDocument]()
    for document in named:
        word = await octets(blobs, document.key)
        said = word.value
        if word is Octets.MISSING and document.decided is not None:
            word, said = Octets.WITHDRAWN, _withdrawn(document.decided)
        found.append(ProofDocument(document.key, document.label, document.seq, word, said))
    return found


def _withdrawn(decided: OctetsDecision) -> str:
    day = decided.fact.happened_at.astimezone(UTC).strftime("%d/%m/%Y")
    by = " et ".join(person_of(by) or by for by in decided.by)
    return f"{Octets.WITHDRAWN} le {day} par {by}"
