"""The fact that seals the evidence: a root over the chains of all items."""

from datetime import date
from typing import Literal

from shared.facts.envelope import Digest
from shared.facts.items.base import ItemFact


class EvidenceSealed(ItemFact):
    """Fact: the evidence was sealed by a root, one SHA-256 over the heads of all chains that grew.

    One a night, and one an hour of work in which something grew (ADR 0048), sealed at
    `happened_at`. Its item id is the register's own (shared/facts/ids.register_id); `seq` counts
    the roots, so that they are a chain too: whoever knows one proves every fact before it.
    """

    type: Literal["EvidenceSealed"] = "EvidenceSealed"
    day: date
    """The local day whose facts it ends with."""
    root: Digest
    chains: int
    """How many chains have grown since the root before."""
