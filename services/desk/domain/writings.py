"""What a fact of quality says of things kept beside the chain: texts by digest, files by blob key.

Pure.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, get_args
from uuid import UUID

from shared.facts import ids
from shared.facts.envelope import BlobKey, Digest
from shared.facts.quality import Quality
from shared.facts.quality.auditors import Auditor
from shared.facts.quality.committee import CommitteeFact
from shared.facts.quality.events import EventFact
from shared.facts.quality.label import FrameworkRead, LabelFact, NumbersConfirmed
from shared.facts.quality.measures import MeasureFact
from shared.facts.quality.perimeter import PerimeterFact
from shared.facts.quality.places import PlaceFact, SetDisplayed
from shared.facts.quality.survey import (
    AnswersSealed,
    CampaignOpened,
    InvitationRefused,
    ResultsPublished,
    SurveyFact,
)
from shared.facts.quality.website import PageChecked, WebsiteFact

_OF_ROWS: Final = frozenset(
    {
        (FrameworkRead, "row"),
        (NumbersConfirmed, "before"),
        (NumbersConfirmed, "after"),
        (PageChecked, "row"),
        (SetDisplayed, "hours"),
        (CampaignOpened, "sha256"),
        (AnswersSealed, "sha256"),
        (ResultsPublished, "sha256"),
        (InvitationRefused, "stop"),
    }
)
"""Digests of rows, rules, tokens, a survey's form and tables: of no text that somebody wrote."""
_KINDS: Final = (
    *get_args(LabelFact),
    *get_args(MeasureFact),
    *get_args(CommitteeFact),
    *get_args(PlaceFact),
    *get_args(WebsiteFact),
    *get_args(SurveyFact),
    *get_args(EventFact),
    *get_args(PerimeterFact),
    *get_args(Auditor),
)
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
WRITTEN: Final = tuple(kind for kind in _KINDS if _TEXTS[kind] or _FILES[kind])
"""The kinds of facts that may name a text or a file."""


NAME_YEARS: Final = 3
"""Years after the end of a mandate in which a member's name is kept."""


def name_goes_on(last: date) -> date:
    """Returns the local day from which a committee member's name is erased.

    `last`: the last day of the mandate.
    """
    day = 28 if (last.month, last.day) == (2, 29) else last.day
    return date(last.year + NAME_YEARS, last.month, day)


@dataclass(frozen=True, slots=True)
class Writing:
    """A free text or a filed document named by a fact of the quality system: one of the two."""

    field: str
    """The field of the fact."""
    sha256: Digest | None = None
    """Of a text."""
    file: BlobKey | None = None


def writings_of(fact: Quality) -> Sequence[Writing]:
    """Returns the texts, then the files, that a quality fact names, each in field order."""
    texts = [(name, getattr(fact, name)) for name in _TEXTS.get(type(fact), ())]
    files = [(name, getattr(fact, name)) for name in _FILES.get(type(fact), ())]
    return [
        *(Writing(name, sha256=sha256) for name, sha256 in texts if sha256 is not None),
        *(Writing(name, file=key) for name, key in files if key is not None),
    ]


def texts_of(fact: Quality) -> Sequence[Digest]:
    """Returns the digests of the free texts that a quality fact names.

    Each text is stored under the fact's subject.
    """
    return [found.sha256 for found in writings_of(fact) if found.sha256 is not None]


def files_of(fact: Quality) -> Sequence[BlobKey]:
    """Returns the blob keys of documents that a quality fact names: proofs, an auditor's paper."""
    return [found.file for found in writings_of(fact) if found.file is not None]


def digest_of(text: str, salt: str | None) -> Digest:
    """Returns the SHA-256 of a free text in UTF-8, as the fact about it states it.

    `salt`: 32 hexadecimal digits of chance that stand before it; `None` of a text that was written
    before texts had one.
    """
    salted = text if salt is None else f"{salt}\n{text}"
    return Digest(hashlib.sha256(salted.encode()).hexdigest())


def text_id(subject: UUID, sha256: Digest) -> UUID:
    """Returns the id of the row that stores a free text of a subject, made of its digest."""
    return UUID(str(ids.event_id(subject, "text", sha256)))
