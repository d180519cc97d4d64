"""Facts of measures, as the tests of their rules begin with."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any, TypeVar
from uuid import UUID, uuid4

from shared.facts.envelope import Digest, EventId, PersonId
from shared.facts.quality.base import QualityFact, SubjectId
from shared.facts.quality.measures import (
    EffectPlanned,
    MeasureOpened,
    MeasureSource,
    SourceKind,
)

SUBJECT = SubjectId(UUID("00000000-0000-4000-8000-000000000077"))
TEXT = Digest("ab" * 32)
NOW = datetime(2026, 6, 12, 8, 0, tzinfo=UTC)
_SEQ = count(1)
T = TypeVar("T", bound=QualityFact)


def a_fact(kind: type[T], /, **fields: Any) -> T:
    defaults: dict[str, Any] = {
        "event_id": EventId(uuid4()),
        "subject_id": SUBJECT,
        "seq": next(_SEQ),
        "happened_at": NOW,
        "recorded_at": NOW,
        "by": "person:q.officer",
    }
    if "sha256" in kind.model_fields:
        defaults["sha256"] = TEXT
    return kind(**(defaults | fields))


def opened(**fields: Any) -> MeasureOpened:
    return a_fact(
        MeasureOpened,
        **(
            {
                "number": 1,
                "source": MeasureSource(kind=SourceKind.FREE),
                "engagement": None,
                "owner": PersonId("a.gent"),
                "due": date(2026, 7, 10),
            }
            | fields
        ),
    )


def planned(**fields: Any) -> EffectPlanned:
    return a_fact(
        EffectPlanned,
        **(
            {
                "code": "reponse",
                "before_first": date(2026, 3, 1),
                "before_last": date(2026, 5, 1),
                "after_first": date(2026, 8, 1),
                "after_last": date(2026, 10, 1),
            }
            | fields
        ),
    )
