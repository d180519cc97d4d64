"""The history of a measure in French: a line for each fact that was stated about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never
from zoneinfo import ZoneInfo

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.quality import measure_words
from services.desk.quality.domain.measures import Measure
from services.desk.quality.store.texts import TextsByDigest
from shared.facts.quality.measures import (
    ActionStated,
    CauseStated,
    EffectPlanned,
    EffectRead,
    MeasureChanged,
    MeasureClosed,
    MeasureDone,
    MeasureFact,
    MeasureOpened,
    MeasureReopened,
    QualityRung,
)


@dataclass(frozen=True, slots=True)
class MeasureEvent:
    """A line of a corrective measure's history: when, who, what, with which text."""

    at: str
    who: str
    what: str
    text: str


def history(
    measure: Measure, words: TextsByDigest, names: Names, zone: ZoneInfo
) -> Sequence[MeasureEvent]:
    """Returns all facts about a corrective measure, in order, as lines in French."""
    return [
        MeasureEvent(
            labels_fr.moment(fact.happened_at, zone),
            names.author_of_fact(fact),
            _stated(fact, names),
            _text(measure, fact, words),
        )
        for fact in measure.facts
    ]


def _text(measure: Measure, fact: MeasureFact, words: TextsByDigest) -> str:
    digest = getattr(fact, "sha256", None)
    return "" if digest is None else words.get((measure.subject, digest), measure_words.ERASED)


def _stated(fact: MeasureFact, names: Names) -> str:
    match fact:
        case MeasureOpened():
            due = labels_fr.short_day(fact.due)
            said = f"Mesure ouverte, confiée à {names.person(fact.owner)} pour le {due}"
        case CauseStated():
            said = "Cause"
        case ActionStated():
            said = "Action"
        case MeasureChanged():
            said = _changed(fact, names)
        case MeasureDone():
            said = "Action faite ; preuve"
        case EffectPlanned() | EffectRead():
            said = _effect(fact, names)
        case MeasureClosed():
            said = f"Mesure close\N{NO-BREAK SPACE}: {measure_words.VERDICTS[fact.verdict]}"
        case MeasureReopened():
            said = "Mesure rouverte"
        case QualityRung():
            told = ", ".join(measure_words.HEARERS[audience] for audience in fact.tell)
            due = labels_fr.short_day(fact.due)
            said = f"Rappel de l’échéance du {due}\N{NO-BREAK SPACE}: {told}"
        case _:
            assert_never(fact)
    return said


def _changed(fact: MeasureChanged, names: Names) -> str:
    parts = []
    if fact.due is not None:
        parts.append(f"échéance portée au {labels_fr.short_day(fact.due)}")
    if fact.owner is not None:
        parts.append(f"confiée à {names.person(fact.owner)}")
    return f"Mesure changée, {' ; '.join(parts)}"


def _effect(fact: EffectPlanned | EffectRead, names: Names) -> str:
    if isinstance(fact, EffectPlanned):
        return f"Effet prévu\N{NO-BREAK SPACE}: {measure_words.plan(fact, names)}"
    return f"Effet relu\N{NO-BREAK SPACE}: {measure_words.effect(fact)}"
