"""The base of all facts about quality, and the id of what they are about."""

from typing import ClassVar, NewType
from uuid import UUID

from shared.facts.envelope import Fact, Topic

SubjectId = NewType("SubjectId", UUID)
"""A month, a list, a draw, a delegation, a bordereau (shared/facts/ids.quality_id)."""


class QualityFact(Fact):
    """The base of all facts about figures, lists and books; `seq` orders the site's one chain."""

    topic: ClassVar[Topic] = Topic.QUALITY
    subject_id: SubjectId
    seq: int

    @property
    def key(self) -> str:
        """The Kafka key, the subject's id: all facts about one subject travel in order."""
        return str(self.subject_id)
