"""What a fact of quality says of things kept beside the chain: texts by digest, files by blob key.

Pure.
"""

from collections.abc import Sequence
from typing import Final, get_args

from shared.facts.envelope import BlobKey, Digest
from shared.facts.quality import Quality
from shared.facts.quality.committee import CommitteeFact
from shared.facts.quality.label import FrameworkRead, Label
from shared.facts.quality.measures import MeasureFact

_OF_ROWS: Final = frozenset({(FrameworkRead, "row")})
"""Digests of rows of the site's tables: of no text that somebody wrote."""
_KINDS: Final = (*get_args(Label), *get_args(MeasureFact), *get_args(CommitteeFact))
_TEXTS: Final = {
    kind: tuple(
        name
        for name, field in kind.model_fields.items()
        if field.annotation in {Digest, Digest | None} and (kind, name) not in _OF_ROWS
    )
    for kind in _KINDS
}
_FILES: Final = {
    kind: tuple(
        name
        for name, field in kind.model_fields.items()
        if field.annotation in {BlobKey, BlobKey | None}
    )
    for kind in _KINDS
}


def texts_of(fact: Quality) -> Sequence[Digest]:
    """The digests of the free texts that a fact names; each is kept under the fact's subject."""
    named = (getattr(fact, name) for name in _TEXTS.get(type(fact), ()))
    return [digest for digest in named if digest is not None]


def files_of(fact: Quality) -> Sequence[BlobKey]:
    """The blobs that a fact names: the documents that were filed as proofs of an engagement."""
    named = (getattr(fact, name) for name in _FILES.get(type(fact), ()))
    return [key for key in named if key is not None]
