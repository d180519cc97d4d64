"""The figures of a month: totals that add up, and how far a rate can be believed."""

from datetime import date
from uuid import UUID

import pytest

from services.desk.domain.months import MonthPromise, lines, with_totals
from services.desk.domain.wilson import interval


@pytest.mark.parametrize(
    ("kept", "n", "low", "high"),
    [
        (25, 31, 0.6372, 0.9081),
        (9, 10, 0.5958, 0.9821),
        (0, 10, 0.0, 0.2775),
        (28, 30, 0.7868, 0.9815),
        (10, 10, 0.7225, 1.0),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_interval_is_wilsons(kept: int, n: int, low: float, high: float) -> None:
    assert tuple(round(end, 4) for end in interval(kept, n)) == (low, high)


def promise(
    number: int, service: str, channel: str, result: str, clock: str = "reply"
) -> MonthPromise:
    return MonthPromise(
        item_id=UUID(int=number),
        clock=clock,
        chrono=f"36-2026-A-{number:06}",
        service=service,
        channel=channel,
        complaint=False,
        result=result,
        limit_day=date(2026, 5, 19),
        days=-1,
    )


def test_totals_stand_below_each_service_then_each_channel_then_all() -> None:
    every = [
        promise(1, "bmi", "email", "kept"), promise(2, "bmi", "letter", "late"),
        promise(3, "dre", "email", "kept"), promise(4, "dre", "email", "open"),
        promise(5, "dre", "email", "kept", "acknowledgement"),
    ]  # fmt: skip
    head, *rows = lines(with_totals(every))
    assert head[:5] == ("service", "canal", "engagement", "tenus", "juges")
    replies = [row[:5] for row in rows if row[2] == "reponse"]
    assert replies == [
        ("bmi", "courriel", "reponse", 1, 1),
        ("bmi", "lettre", "reponse", 0, 1),
        ("bmi", "tous", "reponse", 1, 2),
        ("dre", "courriel", "reponse", 1, 1),
        ("dre", "tous", "reponse", 1, 1),
        ("tous", "courriel", "reponse", 2, 2),
        ("tous", "lettre", "reponse", 0, 1),
        ("tous", "tous", "reponse", 2, 3),
    ]
    assert rows[-1] == (
        "tous", "tous", "reponse", 2, 3, "0.6667", "0.2077", "0.9385", 2, 1, 0, 1, 0, 0, 0,
    )  # fmt: skip
