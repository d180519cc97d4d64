"""Which reminders of the label have fallen by a day, and are told once."""

from dataclasses import replace
from datetime import date

from services.desk.quality.domain.label_facts import LabelFacts
from services.desk.quality.reminders import fallen
from shared.site.tables.quality import CalendarStep, StepKind
from shared.values import Certainty, Source

SOURCE = Source(text="écrit à la main", certainty=Certainty.CHOICE)
AUDIT = CalendarStep(
    id="audit", kind=StepKind.INTERNAL_AUDIT, text="Audit", at=(15,), documents=1, source=SOURCE
)
FACTS = LabelFacts(label=date(2022, 6, 15))  # audit on 15 September 2023, documents on 15 August


def told(facts: LabelFacts, day: str) -> list[tuple[str, str, int]]:
    found = fallen(facts, [AUDIT], date.fromisoformat(day))
    return [(due.fact_step, str(due.due), days) for due, days in found]


def test_each_date_is_reminded_at_its_own_days_and_only_the_nearest() -> None:
    assert told(FACTS, "2023-06-15") == []
    assert told(FACTS, "2023-06-16") == [("audit-documents", "2023-08-15", 60)]
    assert told(FACTS, "2023-08-14") == [
        ("audit-documents", "2023-08-15", 10),
        ("audit", "2023-09-15", 60),
    ]
    assert told(FACTS, "2023-08-16") == [
        ("audit-documents", "2023-08-15", 0),
        ("audit", "2023-09-15", 30),
    ]


def test_what_was_told_or_held_is_told_no_more() -> None:
    said = replace(FACTS, reminded=frozenset({("audit", True, date(2023, 8, 15), 10)}))
    assert told(said, "2023-08-14") == [("audit", "2023-09-15", 60)]
    held = replace(FACTS, held={("audit", date(2023, 9, 15)): date(2023, 7, 1)})
    assert told(held, "2023-08-14") == [("audit-documents", "2023-08-15", 10)]


def test_nothing_falls_before_the_label_has_a_date() -> None:
    assert told(LabelFacts(), "2023-08-14") == []
