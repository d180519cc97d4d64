"""Pages of the website, checked by people: what counts until when, told on which day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest

from services.desk.quality.domain import proposals
from services.desk.quality.domain.engagement_states import (
    ClosedFigure,
    EngagementState,
    ProofGap,
    standing,
)
from services.desk.quality.domain.website import (
    PageStanding,
    WebsiteState,
    change_reached,
    ending,
    fold,
    last_day,
    quarter,
    reached_rung,
    to_check,
)
from shared.facts.envelope import Digest, EventId
from shared.facts.quality.base import QualityFact, SubjectId
from shared.facts.quality.measures import SourceKind
from shared.facts.quality.website import (
    ChangeAsked,
    ChangeDone,
    ChangePlaced,
    PageBroken,
    PageChecked,
    PageOutcome,
)
from shared.site.tables.quality import EngagementRow, Evidence, EvidenceKind
from shared.site.tables.website import Website
from shared.values import Certainty, Source
from tests.desk_builders import DAYS
from tests.place_builders import a_web_page, a_website

PARIS = ZoneInfo("Europe/Paris")
SPACE = UUID("00000000-0000-4000-8000-000000000640")
TEXT = Digest("ab" * 32)
PAGE = SubjectId(uuid5(SPACE, "page"))
CHANGE = SubjectId(uuid5(SPACE, "change"))


def stated(kind: type[QualityFact], on: datetime, subject: SubjectId = PAGE, **said: Any) -> Any:
    fields = {
        "event_id": EventId(uuid5(SPACE, f"{kind.__name__} {on} {said}")),
        "subject_id": subject,
        "seq": 1,
        "happened_at": on,
        "recorded_at": on,
        "by": "person:a.gent",
    }
    return kind(**(fields | said))


def read(page: str, on: date, outcome: PageOutcome = PageOutcome.OK) -> Any:
    at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
    row = a_website().page[page].listed
    return stated(PageChecked, at, page=page, row=row, outcome=outcome)


def only(found: WebsiteState, page: str) -> PageStanding:
    return next(standing for standing in found.pages if standing.page.id == page)


def test_a_check_counts_to_the_same_day_three_months_later() -> None:
    found = fold([read("titres", date(2026, 3, 31))], a_website(), PARIS)
    assert only(found, "titres").until == date(2026, 6, 30)
    assert found.count_checked(date(2026, 6, 30)) == (1, 3)
    assert found.count_checked(date(2026, 7, 1)) == (0, 3)


def test_a_check_of_a_page_to_change_counts_as_read() -> None:
    facts = [read("titres", date(2026, 3, 2), PageOutcome.TO_CHANGE)]
    assert fold(facts, a_website(), PARIS).count_checked(date(2026, 3, 3)) == (1, 3)


def test_the_check_of_another_address_is_none_of_this_page() -> None:
    moved = a_web_page("titres").model_copy(update={"url": "https://www.prefecture.example/neuf"})
    found = fold([read("titres", date(2026, 3, 2))], Website(pages=(moved,)), PARIS)
    assert found.count_checked(date(2026, 3, 3)) == (0, 1)


def test_a_page_that_did_not_open_is_unchecked_until_it_is_read_again() -> None:
    seen = datetime(2026, 3, 10, 9, tzinfo=UTC)
    facts = [
        read("titres", date(2026, 3, 2)),
        stated(PageBroken, seen, page="titres", sha256=TEXT),
    ]
    assert fold(facts, a_website(), PARIS).count_checked(date(2026, 3, 11)) == (0, 3)
    facts.append(read("titres", date(2026, 3, 12)))
    assert fold(facts, a_website(), PARIS).count_checked(date(2026, 3, 12)) == (1, 3)


def test_the_state_at_a_date_knows_nothing_of_later() -> None:
    facts = [read("titres", date(2026, 3, 2)), read("naturalisation", date(2026, 3, 5))]
    state = fold(facts, a_website(), PARIS, until=date(2026, 3, 4))
    assert state.count_checked(date(2026, 3, 4)) == (1, 3)


def test_a_check_just_before_midnight_in_paris_is_of_that_day() -> None:
    late = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)  # 0:30 on the first of April in Paris
    row = a_website().page["titres"].listed
    facts = [stated(PageChecked, late, page="titres", row=row, outcome=PageOutcome.OK)]
    assert only(fold(facts, a_website(), PARIS), "titres").checked == date(2026, 4, 1)


def test_a_quarter_that_ends_on_a_sunday_is_due_on_the_friday_before() -> None:
    sunday = date(2024, 6, 30)
    assert sunday.isoweekday() == 7
    assert quarter(date(2024, 5, 14)) == (date(2024, 4, 1), sunday)
    assert last_day(date(2024, 5, 14), DAYS) == date(2024, 6, 28)


@pytest.mark.parametrize(
    ("day", "rung"),
    [
        (date(2024, 4, 1), None),  # Easter Monday: the quarter begins on the second
        (date(2024, 4, 2), "begun"),
        (date(2024, 6, 13), "begun"),
        (date(2024, 6, 14), "-10"),
        (date(2024, 6, 27), "-10"),
        (date(2024, 6, 28), "+0"),
        (date(2024, 6, 30), "+0"),
        (date(2024, 7, 1), "begun"),
    ],
)
def test_the_list_of_a_quarter_is_told_three_times_on_jours_ouvres(
    day: date, rung: str | None
) -> None:
    assert reached_rung(day, DAYS) == rung


def test_only_pages_whose_check_ends_in_the_quarter_are_to_be_read() -> None:
    facts = [read("titres", date(2026, 4, 15)), read("naturalisation", date(2026, 3, 20))]
    found = to_check(fold(facts, a_website(), PARIS).pages, date(2026, 5, 4), DAYS)
    assert [standing.page.id for standing in found] == ["associations", "naturalisation"]


def test_a_page_that_is_read_each_month_is_asked_for_before_its_end_and_not_at_once() -> None:
    monthly = Website(pages=(a_web_page("titres", every=1),))
    pages = fold([read("titres", date(2026, 10, 1))], monthly, PARIS).pages
    assert to_check(pages, date(2026, 10, 1), DAYS) == []
    assert to_check(pages, date(2026, 10, 15), DAYS) == []
    # Ten jours ouvrés before the first of November, a Sunday: the 19th.
    assert len(to_check(pages, date(2026, 10, 19), DAYS)) == 1
    assert [page.page.id for page in ending(pages, date(2026, 10, 19), DAYS)] == ["titres"]
    assert ending(pages, date(2026, 10, 16), DAYS) == []


def test_a_page_read_before_its_quarter_is_on_the_list_and_ends_with_it() -> None:
    pages = fold([read("titres", date(2026, 3, 20))], a_website(), PARIS).pages
    assert ending(pages, date(2026, 6, 15), DAYS) == []  # the list of the quarter asks for it


def test_a_page_is_changed_once_each_change_since_its_check_is_made() -> None:
    at = datetime(2026, 5, 4, 9, tzinfo=UTC)
    facts = [
        read("titres", date(2026, 5, 4), PageOutcome.TO_CHANGE),
        stated(
            ChangeAsked, at, CHANGE, number=1, page="titres", due=date(2026, 5, 19), sha256=TEXT
        ),
    ]
    assert only(fold(facts, a_website(), PARIS), "titres").changed is None
    facts.append(stated(ChangeDone, at + timedelta(days=1), CHANGE, changed=True, sha256=TEXT))
    assert only(fold(facts, a_website(), PARIS), "titres").changed == date(2026, 5, 5)


def test_a_page_whose_check_still_counts_is_not_forgotten() -> None:
    yearly = Website(pages=(a_web_page("titres", every=12),))
    pages = fold([read("titres", date(2026, 1, 10))], yearly, PARIS).pages
    assert proposals.from_unchecked(pages, date(2026, 8, 1)) == []
    assert proposals.from_unchecked(pages, date(2027, 1, 10)) == []
    assert len(proposals.from_unchecked(pages, date(2027, 1, 11))) == 1


def test_a_change_is_told_before_its_day_and_after_it() -> None:
    asked = stated(
        ChangeAsked, datetime(2026, 5, 4, 9, tzinfo=UTC), CHANGE,
        number=1, page="titres", due=date(2026, 5, 19), sha256=TEXT,
    )  # fmt: skip
    [change] = fold([asked], a_website(), PARIS).open
    # The eighth and the fourteenth of May are holidays: the 15th is the second day before.
    rungs = [change_reached(change, date(2026, 5, day), DAYS) for day in (12, 13, 19, 20)]
    assert rungs == ["begun", "-3", "-3", "+1"]


def test_a_complaint_gets_its_page_and_is_done() -> None:
    at = datetime(2026, 5, 4, 9, tzinfo=UTC)
    later = at + timedelta(days=3)
    asked = stated(ChangeAsked, at, CHANGE, number=1, due=date(2026, 5, 19))
    placed = stated(ChangePlaced, at, CHANGE, page="titres", sha256=TEXT)
    done = stated(ChangeDone, later, CHANGE, changed=True, sha256=TEXT)
    [open_] = fold([asked, placed], a_website(), PARIS).open
    assert (open_.page, open_.said) == ("titres", TEXT)
    found = fold([asked, placed, done], a_website(), PARIS)
    assert found.open == []
    assert found.changes[1].done == date(2026, 5, 7)


def test_a_page_unread_for_two_quarters_is_proposed_and_one_never_read_is_not() -> None:
    pages = fold([read("titres", date(2026, 1, 5))], a_website(), PARIS).pages
    assert proposals.from_unchecked(pages, date(2026, 7, 5)) == []
    [found] = proposals.from_unchecked(pages, date(2026, 7, 6))
    assert (found.source.kind, found.source.code) == (SourceKind.PAGE, "titres")


@pytest.mark.parametrize(
    ("k", "n", "ever", "state", "gap"),
    [
        (3, 3, 3, EngagementState.KEPT, ProofGap.NONE),
        (2, 3, 3, EngagementState.STALE, ProofGap.UNCHECKED),
        (0, 3, 1, EngagementState.STALE, ProofGap.UNCHECKED),
        (0, 3, 0, EngagementState.INCONCLUSIVE, ProofGap.NO_PROOF),
        (0, 0, 0, EngagementState.INCONCLUSIVE, ProofGap.NOTHING_LISTED),
    ],
)
def test_an_engagement_rests_on_the_pages_of_the_day(
    k: int, n: int, ever: int, state: EngagementState, gap: ProofGap
) -> None:
    piece = Evidence(kind=EvidenceKind.FIGURE, code="pages-verifiees", text="Pages relues")
    row = EngagementRow(
        id="site", module=1, text="Un site à jour", rule="Relu", evidence=(piece,), owner="bmi",
        target=1.0, source=Source(text="à la main", certainty=Certainty.LIKELY),
    )  # fmt: skip
    today = date(2026, 7, 2)
    figures = {"pages-verifiees": ClosedFigure((), k, n, on=today, ever=ever)}
    found = standing(row, [], figures, [], today)
    assert (found.state, found.pieces[0].gap) == (state, gap)
