"""The label's calendar against tables of dates that were written by hand, from a paper calendar."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.desk.quality.domain.label_calendar import Occurrence, after, label_calendar, rung
from shared.site.load import load_folder
from shared.site.tables.quality import CalendarStep, StepKind
from shared.values import Certainty, Source

SOURCE = Source(text="écrit à la main", certainty=Certainty.CHOICE)
INDRE = Path(__file__).parents[3] / "deploy" / "site" / "indre"

ONCE = """
2023-08-15 audit-interne documents
2023-08-15 autoevaluation
2023-09-15 audit-interne
2023-11-15 audit-suivi documents
2023-12-15 audit-suivi
2024-12-15 audit-interne documents
2024-12-15 autoevaluation
2025-01-15 audit-interne
2025-02-15 demande
2025-03-15 audit-renouvellement documents
2025-04-15 audit-renouvellement
2025-06-15 fin
"""
"""Of a label of 15 June 2022: 14, 15, 18, 30, 31, 32, 34 and 36 months later."""
ON_THE_31ST = """
2024-02-29 audit-interne documents
2024-02-29 autoevaluation
2024-03-31 audit-interne
2024-05-30 audit-suivi documents
2024-06-30 audit-suivi
2025-06-30 audit-interne documents
2025-06-30 autoevaluation
2025-07-31 audit-interne
2025-08-31 demande
2025-09-30 audit-renouvellement documents
2025-10-31 audit-renouvellement
2025-12-31 fin
"""
"""Of a label of 31 December 2022: 2024 has a 29 February, documents go by the date of the audit."""
AGAIN = """
2022-09-15 verifications
2022-12-15 verifications
2023-03-15 verifications
2023-06-15 bilan
2023-06-15 comite
2023-06-15 enquete
2023-06-15 verifications
2023-09-15 verifications
2023-12-15 verifications
2024-03-15 verifications
2024-06-15 bilan
2024-06-15 comite
2024-06-15 enquete
2024-06-15 verifications
2024-09-15 verifications
2024-12-15 verifications
2025-03-15 verifications
2025-06-15 bilan
2025-06-15 comite
2025-06-15 enquete
2025-06-15 verifications
"""


def told(label: date, held: dict[Occurrence, date] | None = None, *, again: bool) -> str:
    current = load_folder(INDRE).quality.current
    assert current is not None
    steps = [step for step in current.calendar if (step.every is not None) is again]
    end = next(step for step in current.calendar if step.kind is StepKind.END)
    lines = [
        f"{due.due} {due.step.id}{' documents' if due.documents else ''}"
        for due in label_calendar(label, [*steps, end] if again else steps, held)
        if not again or due.step is not end
    ]
    return "\n".join(["", *lines, ""])


def test_what_is_due_once_after_a_label_of_june_2022() -> None:
    assert told(date(2022, 6, 15), again=False) == ONCE


def test_what_is_due_again_and_again_until_the_label_ends() -> None:
    assert told(date(2022, 6, 15), again=True) == AGAIN


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2022-12-31", 14, "2024-02-29"),
        ("2021-12-31", 14, "2023-02-28"),
        ("2022-12-31", 15, "2024-03-31"),
        ("2022-12-31", 18, "2024-06-30"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 36, "2027-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2023-03-31", -1, "2023-02-28"),
        ("2024-01-15", -1, "2023-12-15"),
        ("2022-08-31", 34, "2025-06-30"),
    ],
)
def test_months_after_the_31st_and_in_leap_years(day: str, months: int, later: str) -> None:
    assert after(date.fromisoformat(day), months) == date.fromisoformat(later)


def test_a_label_on_the_31st_keeps_its_day_where_the_month_has_one() -> None:
    assert told(date(2022, 12, 31), again=False) == ON_THE_31ST


def test_a_committee_is_due_twelve_months_after_the_last_one() -> None:
    committee = CalendarStep(
        id="comite",
        kind=StepKind.COMMITTEE,
        text="Comité",
        every=12,
        since_last=True,
        source=SOURCE,
    )
    end = CalendarStep(id="fin", kind=StepKind.END, text="Fin", at=(36,), source=SOURCE)

    def due(held: dict[Occurrence, date]) -> list[str]:
        found = label_calendar(date(2022, 6, 15), [committee, end], held)
        return [str(due.due) for due in found if due.step is committee]

    first, second = date(2023, 3, 22), date(2024, 2, 29)
    assert due({("comite", 2): second}) == ["2023-06-15", "2024-06-15", "2025-02-28"]
    assert due({("comite", 1): first, ("comite", 2): second}) == [
        "2023-06-15",
        "2024-03-22",
        "2025-02-28",
    ]


def test_what_was_held_stays_so_when_the_labels_date_or_a_month_is_corrected() -> None:
    def audit(*at: int) -> CalendarStep:
        return CalendarStep(
            id="audit", kind=StepKind.INTERNAL_AUDIT, text="Audit", at=at, source=SOURCE
        )

    held = {("audit", 1): date(2025, 5, 20)}
    for label, step in ((1, audit(15, 31)), (2, audit(15, 31)), (1, audit(31, 14))):
        found = label_calendar(date(2024, 3, label), [step], held)
        assert [due.occurrence in held for due in found] == [True, False]


def test_a_step_does_not_bear_the_name_of_anothers_documents() -> None:
    with pytest.raises(ValidationError, match="does not end in '-documents'"):
        CalendarStep(id="a-documents", kind=StepKind.REQUEST, text="Envoi", at=(3,), source=SOURCE)


@pytest.mark.parametrize(
    ("today", "reached"),
    [
        ("2023-10-15", None),  # 61 days before
        ("2023-10-16", 60),
        ("2023-11-14", 60),
        ("2023-11-15", 30),
        ("2023-12-04", 30),
        ("2023-12-05", 10),
        ("2023-12-14", 10),
        ("2023-12-15", 0),
        ("2024-01-14", 0),  # still: nobody was at work
        ("2024-01-15", None),
    ],
)
def test_a_reminder_is_that_of_its_day(today: str, reached: int | None) -> None:
    assert rung(date(2023, 12, 15), date.fromisoformat(today)) == reached
