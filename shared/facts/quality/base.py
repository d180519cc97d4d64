"""The base of all facts about quality, and the id of what they are about."""

from typing import ClassVar, Final, NewType
from uuid import UUID

from pydantic import ConfigDict

from shared.facts.envelope import Fact, Topic

SubjectId = NewType("SubjectId", UUID)
"""A month, a list, a draw, a delegation, a bordereau (shared/facts/ids.quality_id)."""

LATER: Final = ConfigDict(defer_build=True)
"""A fact's form is built when the first is stated or read: most are stated once a month or a year,
and the hundred forms are 2 MB of each process that knows them."""


class QualityFact(Fact):
    """The base of all facts about figures, lists and books; `seq` orders the site's one chain."""

    model_config = LATER

    topic: ClassVar[Topic] = Topic.QUALITY
    subject_id: SubjectId
    seq: int

    @property
    def key(self) -> str:
        """The Kafka key, the subject's id: all facts about one subject travel in order."""
        return str(self.subject_id)
