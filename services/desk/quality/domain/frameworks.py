"""Two versions of a framework, row by row; and what of one has been read in its own text. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.facts.envelope import Digest
from shared.site.tables.quality import PROMISED, EngagementRow, Framework


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
    """Of a changed one: which of `PROMISED` differ."""


def compare_frameworks(before: Framework, after: Framework) -> Sequence[ComparedRow]:
    """Compares two versions of the quality framework, engagement by engagement.

    The rows of the later one in their order, then those that are gone.
    """
    found = [_compared(row.id, before.engagement.get(row.id), row) for row in after.engagements]
    gone = [row for row in before.engagements if row.id not in after.engagement]
    return [*found, *(ComparedRow(row.id, RowChange.GONE, row, None) for row in gone)]


def _compared(name: str, before: EngagementRow | None, after: EngagementRow) -> ComparedRow:
    if before is None:
        return ComparedRow(name, RowChange.NEW, None, after)
    fields = [field for field in PROMISED if getattr(before, field) != getattr(after, field)]
    change = RowChange.CHANGED if fields else RowChange.SAME
    return ComparedRow(name, change, before, after, fields)


def unread(framework: Framework, read: Collection[Digest]) -> Sequence[EngagementRow]:
    """Returns the engagements that nobody has checked in the framework's own text.

    `read`: digests of the engagements that were checked.
    """
    return [row for row in framework.likely if row.promise not in read]


def is_unread(row: EngagementRow, read: Collection[Digest]) -> bool:
    """Whether nobody has checked an engagement in the framework's own text."""
    return row.likely and row.promise not in read
