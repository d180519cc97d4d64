"""Two versions of a framework, row by row; and what of one has been read in its own text. Pure."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.facts.envelope import Digest
from shared.site.tables.quality import EngagementRow, Framework
from shared.values import Certainty

FIELDS: Final = ("module", "text", "rule", "target", "every", "evidence")
"""The fields of a row that two versions are compared by: its text, not who answers for it."""


class RowChange(StrEnum):
    """The kind of change of an engagement between two versions of the quality framework."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """An engagement of the quality framework, compared between two of its versions."""

    id: str
    change: RowChange
    before: EngagementRow | None
    after: EngagementRow | None
    fields: Sequence[str] = ()
    """Of a changed one: which of `FIELDS` differ."""


def compared(before: Framework, after: Framework) -> Sequence[ComparedRow]:
    """Compares two versions of the quality framework, engagement by engagement.

    The rows of the later one in their order, then those that are gone.
    """
    found = [_compared(row.id, before.engagement.get(row.id), row) for row in after.engagements]
    gone = [row for row in before.engagements if row.id not in after.engagement]
    return [*found, *(ComparedRow(row.id, RowChange.GONE, row, None) for row in gone)]


def _compared(name: str, before: EngagementRow | None, after: EngagementRow) -> ComparedRow:
    if before is None:
        return ComparedRow(name, RowChange.NEW, None, after)
    fields = [field for field in FIELDS if getattr(before, field) != getattr(after, field)]
    change = RowChange.CHANGED if fields else RowChange.SAME
    return ComparedRow(name, change, before, after, fields)


def row_digest(row: EngagementRow) -> Digest:
    """Returns the SHA-256 of an engagement's text, so that a changed one must be read again."""
    said = row.model_dump_json(include=set(FIELDS) | {"id"})
    return Digest(hashlib.sha256(said.encode()).hexdigest())


def unread(framework: Framework, read: Collection[Digest]) -> Sequence[EngagementRow]:
    """Returns the likely engagements of which nobody has noted the page that says so.

    `read`: the digests of those that somebody has read at their source.
    """
    return [row for row in framework.likely if row_digest(row) not in read]


def is_unread(row: EngagementRow, read: Collection[Digest]) -> bool:
    """Returns whether an engagement is only likely and nobody has read it at its source."""
    return row.source.certainty is Certainty.LIKELY and row_digest(row) not in read
