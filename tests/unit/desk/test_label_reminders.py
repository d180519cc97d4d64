"""Which reminders of the label have fallen by a day, and are told once."""

from dataclasses import replace
from datetime import date

from pydantic import TypeAdapter

from services.desk.quality.domain.label_facts import LabelFacts, fold
from services.desk.quality.reminders import fallen_reminders
from shared.facts.quality.label import LabelFact
from shared.site.tables.quality import CalendarStep, StepKind
from shared.values import Certainty, Source

SOURCE = Source(text="écrit à la main", certainty=Certainty.CHOICE)
AUDIT = CalendarStep(
    id="audit", kind=StepKind.INTERNAL_AUDIT, text="Audit", at=(15,), documents=1, source=SOURCE
)
FACTS = LabelFacts(label=date(2022, 6, 15))  # audit on 15 September 2023, documents on 15 August


def told(facts: LabelFacts, day: str) -> list[tuple[str, str, int]]:
    found = fallen_reminders(facts, [AUDIT], date.fromisoformat(day))
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


def test_what_fell_while_nobody_looked_is_told_once_however_late() -> None:
    """The documents were due on 15 August 2023, the audit on 15 September."""
    late, stated = date(2024, 3, 1), date(2022, 6, 20)
    found = fallen_reminders(FACTS, [AUDIT], late, stated)
    assert [(due.fact_step, str(due.due), days) for due, days in found] == [
        ("audit-documents", "2023-08-15", 0),
        ("audit", "2023-09-15", 0),
    ]
    said = {("audit", True, date(2023, 8, 15), 0), ("audit", False, date(2023, 9, 15), 0)}
    assert fallen_reminders(replace(FACTS, reminded=frozenset(said)), [AUDIT], late, stated) == []


def test_a_calendar_that_is_stated_late_owes_nothing_of_what_is_long_past() -> None:
    stated = date(2023, 10, 1)  # 47 days after the documents, 16 after the audit
    found = fallen_reminders(FACTS, [AUDIT], date(2024, 3, 1), stated)
    assert [(due.fact_step, days) for due, days in found] == [("audit", 0)]


def test_a_calendar_stands_as_it_is_since_its_last_statement() -> None:
    """A step that is counted from the last time is due elsewhere once one was held."""
    held: dict[str, object] = {"step": "committee", "occurrence": 1, "due": "2023-06-15"}
    stated = [
        a_fact("LabelDateSet", label="2022-06-15", happened_at="2022-06-20T08:00:00Z"),
        a_fact("LabelDateMoved", before="2022-06-15", label="2022-06-16", why="a" * 64,
               happened_at="2022-07-01T08:00:00Z"),
        a_fact("StepHeld", on="2022-09-01", happened_at="2023-10-02T08:00:00Z", seq=3, **held),
        a_fact("StepPlanned", step="audit", occurrence=1, due="2024-09-15", on="2024-09-15",
               happened_at="2024-01-02T08:00:00Z"),
        a_fact("QualityFactWithdrawn", mistake=3, kind="StepHeld", why="b" * 64,
               happened_at="2024-02-02T08:00:00Z"),
    ]  # fmt: skip
    since = [fold(stated[:n]).stated_at for n in range(6)]
    days = [None if moment is None else str(moment.date()) for moment in since]
    assert days == [None, "2022-06-20", "2022-07-01", "2023-10-02", "2023-10-02", "2024-02-02"]


def test_what_was_told_or_held_is_told_no_more() -> None:
    said = replace(FACTS, reminded=frozenset({("audit", True, date(2023, 8, 15), 10)}))
    assert told(said, "2023-08-14") == [("audit", "2023-09-15", 60)]
    held = replace(FACTS, held={("audit", 1): date(2023, 7, 1)})
    assert told(held, "2023-08-14") == []  # nobody asks for the documents of what took place
    handed_in = replace(FACTS, held={("audit-documents", 1): date(2023, 7, 1)})
    assert told(handed_in, "2023-08-14") == [("audit", "2023-09-15", 60)]


def test_nothing_falls_before_the_label_has_a_date() -> None:
    assert told(LabelFacts(), "2023-08-14") == []


def test_a_corrected_date_is_told_anew_and_what_was_held_is_not() -> None:
    facts = fold(
        [
            a_fact("LabelDateSet", label="2022-06-15"),
            a_fact(
                "StepHeld", step="audit-documents", occurrence=1, due="2023-08-15", on="2023-08-01"
            ),
            a_fact(
                "ReminderFell", what="audit", occurrence=1, documents=False, due="2023-09-15",
                days=60, tell=["quality_officer"],
            ),
            a_fact("LabelDateMoved", before="2022-06-15", label="2022-06-16", why="a" * 64),
            a_fact("LabelDateMoved", before="2022-06-16", label="2022-06-15", why="b" * 64),
        ]
    )  # fmt: skip
    assert told(facts, "2023-08-14") == [("audit", "2023-09-15", 60)]


def a_fact(kind: str, /, **said: object) -> LabelFact:
    """A fact of the label; number, moment and author tell nothing here."""
    at, some = "2023-08-05T08:00:00Z", "55555555-5555-5555-8555-555555555601"
    facts: TypeAdapter[LabelFact] = TypeAdapter(LabelFact)
    return facts.validate_python(
        {"type": kind, "event_id": some, "subject_id": some, "seq": 1, "by": "person:h.marchand",
         "happened_at": at, "recorded_at": at} | said
    )  # fmt: skip


def test_a_page_that_was_read_in_one_version_is_unread_in_the_next() -> None:
    read = a_fact(
        "FrameworkRead", framework="essai-1", engagement="accueil", row="c" * 64, page=12,
        reader="h.marchand", read_on="2023-08-01",
    )  # fmt: skip
    facts = fold([read])
    assert set(facts.reads_of("essai-1")) == {"c" * 64}
    assert facts.reads_of("essai-2") == {}
