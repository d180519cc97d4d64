"""Figures of quality: totals, verdicts on a target, changes, and where a chart draws them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk.domain.months import Month
from services.desk.domain.wilson import interval
from services.desk.pages.quality import figure_words
from services.desk.pages.quality.figure_address import FigureFilter
from services.desk.quality.domain import charts
from services.desk.quality.domain.figures import (
    REPLY,
    FigureKey,
    FigureRow,
    FigureTable,
    ReplyDelay,
)
from services.desk.quality.domain.verdicts import (
    ChangeVerdict,
    TargetVerdict,
    against,
    change,
    change_of,
)

MAY = date(2026, 5, 1)


def figure(
    k: int, n: int, service: str | None = None, channel: str | None = None, waiting: int = 0
) -> FigureRow:
    low, high = interval(k, n)
    return FigureRow(FigureKey(REPLY, service, channel), k, n, low, high, open=waiting)


@pytest.mark.parametrize(
    ("k", "n", "waiting", "verdict"),
    [
        (60, 60, 200, TargetVerdict.WAITING),  # 60 to 260 of 260
        (970, 1000, 10, TargetVerdict.MET),  # 970 of 1010 if all break: 95–97 %
        (50, 100, 10, TargetVerdict.MISSED),  # 60 of 110 if all are kept: 45–64 %
        (28, 30, 1, TargetVerdict.WAITING),
        (0, 0, 5, TargetVerdict.NOTHING),
    ],
)
def test_a_verdict_holds_whatever_becomes_of_what_waits(
    k: int, n: int, waiting: int, verdict: TargetVerdict
) -> None:
    assert against(figure(k, n, waiting=waiting), 0.9) is verdict


def test_a_rate_with_items_waiting_is_told_with_all_it_may_become() -> None:
    told = figure_words.whole(figure(60, 60, waiting=60)).replace("\N{NO-BREAK SPACE}", " ")
    assert told == (
        "60 sur 60, soit 100 % (entre 41 et 100 %, quoi que deviennent les 60 pas encore jugés)"
    )
    said = figure_words.verdict(figure(60, 60, waiting=60), 0.9)
    assert said.startswith("Tant que 60 ne sont pas jugés")
    drawn = charts.bar_chart("t", "d", [("BMI", "", figure(60, 60, waiting=60))], 0.9, "")
    assert (drawn.bars[0].low, drawn.bars[0].high) == ("41.19%", "100.00%")


def test_a_change_holds_whatever_becomes_of_what_waits() -> None:
    rushed = change_of(figure(850, 1000), figure(80, 80, waiting=100))
    assert rushed is not None
    assert rushed.verdict is ChangeVerdict.NOT_ESTABLISHED
    ended = change_of(figure(850, 1000), figure(980, 1000, waiting=5))
    assert ended is not None
    assert ended.verdict is ChangeVerdict.BETTER
    assert change_of(figure(9, 9), figure(98, 100)) is None


@pytest.mark.parametrize(
    ("k", "n", "verdict"),
    [
        (0, 0, TargetVerdict.NOTHING),
        (9, 9, TargetVerdict.FEW),
        (25, 31, TargetVerdict.UNDECIDED),  # 64–91 %: 90 % is inside
        (75, 100, TargetVerdict.MISSED),  # 66–82 %
        (97, 100, TargetVerdict.MET),  # 91.5–99 %
        (28, 30, TargetVerdict.UNDECIDED),  # 93 %, and 79–98 %
    ],
)
def test_a_target_is_reached_or_missed_only_by_a_whole_interval(
    k: int, n: int, verdict: TargetVerdict
) -> None:
    assert against(figure(k, n), 0.9) is verdict


@pytest.mark.parametrize(
    ("before_", "after_", "ends", "verdict"),
    [
        ((25, 31), (45, 50), (-0.059, 0.272), ChangeVerdict.NOT_ESTABLISHED),
        ((75, 93), (140, 150), (0.042, 0.223), ChangeVerdict.BETTER),
        ((140, 150), (75, 93), (-0.223, -0.042), ChangeVerdict.WORSE),
        # Newcombe 1998, table II: 56/70 less 48/80, method 10.
        ((48, 80), (56, 70), (0.0524, 0.3339), ChangeVerdict.BETTER),
    ],
)
def test_a_change_is_established_by_newcombes_interval(
    before_: tuple[int, int],
    after_: tuple[int, int],
    ends: tuple[float, float],
    verdict: ChangeVerdict,
) -> None:
    found = change(*before_, *after_)
    assert found is not None
    assert (found.low, found.high) == pytest.approx(ends, abs=0.0006)
    assert found.verdict is verdict


def test_nothing_is_compared_with_nothing() -> None:
    assert change(0, 0, 3, 4) is None
    assert change(3, 4, 0, 0) is None


@given(
    st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
)
def test_a_change_lies_in_its_interval_and_turned_round_is_its_opposite(
    first: tuple[int, int], last: tuple[int, int]
) -> None:
    there, back = change(*first, *last), change(*last, *first)
    assert there is not None
    assert back is not None
    assert -1 - 1e-9 <= there.low <= there.difference <= there.high <= 1 + 1e-9
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_a_table_gives_each_service_its_channels_then_all() -> None:
    table = FigureTable(
        [
            figure(1, 2, "dre", "email"), figure(1, 2, "dre"),
            figure(3, 3, "bmi", "letter"), figure(3, 3, "bmi"),
            figure(1, 2, channel="email"), figure(3, 3, channel="letter"), figure(4, 5),
        ]
    )  # fmt: skip
    lines = table.by_service(REPLY)
    assert [(row.key.service, row.key.channel, row.k, row.n) for row in lines] == [
        ("bmi", "letter", 3, 3), ("bmi", None, 3, 3),
        ("dre", "email", 1, 2), ("dre", None, 1, 2),
        (None, "email", 1, 2), (None, "letter", 3, 3), (None, None, 4, 5),
    ]  # fmt: skip
    assert table.of("holding").n == 0
    assert table.of(REPLY, month=MAY).rate is None


@pytest.mark.parametrize(
    ("k", "n", "whole", "rate", "ends"),
    [
        (25, 31, "25 sur 31, soit 81 % (entre 64 et 91 %)", "81 %", "de 64 à 91 %"),
        (3, 4, "3 sur 4", "trop peu", "–"),
        (0, 0, "rien à juger", "–", "–"),
        (10, 10, "10 sur 10, soit 100 % (entre 72 et 100 %)", "100 %", "de 72 à 100 %"),
    ],
)
def test_small_numbers_are_told_without_a_percentage(
    k: int, n: int, whole: str, rate: str, ends: str
) -> None:
    said = figure(k, n)
    told = (figure_words.whole(said), figure_words.rate(said), figure_words.interval(said))
    assert tuple(text.replace("\N{NO-BREAK SPACE}", " ") for text in told) == (whole, rate, ends)


def test_a_change_is_told_in_points_with_its_interval() -> None:
    assert figure_words.change_text(change(25, 31, 45, 50)).replace("\N{NO-BREAK SPACE}", " ") == (
        "+9 points (entre −6 et +27) : évolution non établie"
    )
    assert figure_words.change_text(None) == ""


def test_a_chart_draws_in_per_cent_and_leaves_small_numbers_undrawn() -> None:
    drawn = charts.bar_chart(
        "t", "d", [("BMI", "", figure(25, 31)), ("DRE", "", figure(3, 4))], 0.9, "objectif 90 %"
    )
    bmi, dre = drawn.bars
    assert (bmi.width, bmi.low, bmi.high, drawn.target) == ("80.65%", "63.72%", "90.81%", "90.00%")
    assert (bmi.drawn, dre.drawn) == (True, False)
    assert dre.y - bmi.y == charts.ROW
    months = charts.month_chart("t", "d", [("mai", "", figure(10, 20))] * 2, 0.9, "")
    first, second = months.columns
    assert (first.x, second.x, first.y) == ("25.00%", "75.00%", charts.HEAD + charts.PLOT / 2)
    assert first.high < first.y < first.low


def test_a_month_is_closed_on_the_sites_day() -> None:
    at = datetime(2026, 12, 2, 22, 0, tzinfo=UTC)
    head = Month(MAY, at, at.date(), "q.officer", 1, "", 0.9)
    assert head.closed_on(ZoneInfo("Pacific/Noumea")) == date(2026, 12, 3)
    assert figure_words.closed_on(head, ZoneInfo("Pacific/Noumea")) == "clos le 03/12/2026"
    assert figure_words.closed_on(head, ZoneInfo("America/Guadeloupe")) == "clos le 02/12/2026"


@pytest.mark.parametrize(
    ("live", "first"),
    [
        (date(2025, 6, 1), date(2025, 6, 1)),
        (date(2024, 6, 1), date(2025, 1, 1)),
        (date(2026, 6, 1), date(2026, 6, 1)),  # after the last: no month
        (None, date(2026, 1, 1)),  # likewise
    ],
)
def test_no_month_before_the_go_live_is_asked(live: date | None, first: date) -> None:
    asked = FigureFilter("bmi").question(date(2025, 1, 1), date(2025, 12, 1), live)
    assert (asked.first, asked.last, asked.service) == (first, date(2025, 12, 1), "bmi")


def test_today_is_told_by_the_definition_of_the_closed_month() -> None:
    today = replace(figure(25, 34), unanswered=3)
    first = today.by(1)
    assert (first.k, first.n, (first.low, first.high)) == (25, 31, interval(25, 31))
    assert today.by(2) == today
    at = datetime(2026, 7, 2, tzinfo=UTC)
    head = Month(MAY, at, at.date(), "q.officer", 1, "", 0.9, definition=1)
    said = figure_words.closed_on(head, ZoneInfo("Europe/Paris"))
    assert said == "clos le 02/07/2026, définition 1"


@given(st.integers(1, 3000))
def test_an_interval_of_all_or_none_ends_exactly(n: int) -> None:
    assert interval(n, n)[1] == 1
    assert interval(0, n)[0] == 0


@pytest.mark.parametrize(
    ("k", "n", "waiting", "verdict"),
    [
        (13, 13, 0, TargetVerdict.MET),
        (13, 13, 1, TargetVerdict.WAITING),
        (999, 1000, 0, TargetVerdict.MISSED),
        (999, 1000, 50, TargetVerdict.MISSED),
        (9, 9, 0, TargetVerdict.FEW),
    ],
)
def test_a_target_of_all_is_met_by_all_and_missed_by_one(
    k: int, n: int, waiting: int, verdict: TargetVerdict
) -> None:
    found = figure(k, n, waiting=waiting)
    assert against(found, 1.0) is verdict
    assert "intervalle" not in figure_words.verdict(found, 1.0)


def test_the_delays_of_few_replies_are_not_told() -> None:
    assert figure_words.delay(ReplyDelay(None, None, 9, 4, 11)) == "trop peu"
    assert figure_words.delay(ReplyDelay(None, None, 10, 4, 11)) == "4 et 11"
    assert figure_words.delay(None) == "–"


def test_no_rounding_says_what_the_verdict_denies() -> None:
    told = [figure_words.percentage(1999 / 2000), figure_words.percentage(0.896, 0.9),
            figure_words.percentage(0.9, 0.9), figure_words.percentage(1.0),
            figure_words.percentage(0.0004), figure_words.aim(0.925),
            figure_words.aim(0.29)]  # fmt: skip
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in told] == [
        "99,95 %", "89,6 %", "90 %", "100 %", "0,04 %", "92,5 %", "29 %",
    ]  # fmt: skip
    assert "soit 89,6" in figure_words.whole(figure(896, 1000), 0.9)


def test_a_filtered_figure_bears_its_filters_and_no_total_of_one() -> None:
    bmi = FigureFilter(service="bmi", channel="email")
    assert bmi.fill_key(FigureKey(REPLY, month=MAY)) == (REPLY, "bmi", "email", MAY)
    assert FigureFilter().fill_key(FigureKey(REPLY)) == (REPLY, None, None, None)
    assert bmi.file("2026-05", ".csv") == "chiffres-2026-05-bmi-email.csv"
    assert FigureFilter().file("2026", ".xlsx") == "chiffres-2026.xlsx"
    rows = [
        figure(1, 2, "bmi", "email"), figure(1, 2, "bmi"), figure(1, 2, channel="email"),
        figure(1, 2),
    ]  # fmt: skip
    assert FigureFilter(service="bmi").distinct(rows) == rows[:2]
    assert bmi.distinct(rows) == rows[:1]
    assert FigureFilter().distinct(rows) == rows
