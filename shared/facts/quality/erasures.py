"""Facts of how a text or a document of the quality system is erased: by two persons, for a reason.

What is erased is the row of desk.quality_texts, or the blob; the fact that names it stays, and so
does the chain.
"""

from typing import Literal

from shared.facts.envelope import BlobKey, Digest
from shared.facts.quality.base import QualityFact


class ErasureAsked(QualityFact):
    """Fact: a person asked to erase a text or a document for good; another must confirm."""

    type: Literal["ErasureAsked"] = "ErasureAsked"
    fact: int
    """The `seq` of the fact that names it; the subject is that fact's."""
    sha256: Digest | None
    """Of the text; `None`: a document."""
    file: BlobKey | None
    """The document; `None`: a text."""
    reason: str
    """A code, as of withdrawals from items."""


class ErasureDropped(QualityFact):
    """Fact: a request to erase a text or a document was given up; nothing was erased."""

    type: Literal["ErasureDropped"] = "ErasureDropped"
    asked: int
    """The `seq` of the `ErasureAsked`."""


class WritingErased(QualityFact):
    """Fact: a text or a document of the quality system was erased, as a second person confirmed."""

    type: Literal["WritingErased"] = "WritingErased"
    asked: int
    """The `seq` of the `ErasureAsked` of the first person."""
    fact: int
    sha256: Digest | None
    file: BlobKey | None
    reason: str


Erasure = ErasureAsked | ErasureDropped | WritingErased
"""What is stated of erasures."""
