"""The golden table: more than sixty periods computed by hand, each under its article."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.facts.vocabulary import Effect, RegimeStart
from shared.site.implied_decision import CountedPeriod, count_period
from tests.unit.implied_decision.cases import PARIS, a_regime, confirmed, pieces

TABLE: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "periods.yaml").read_text(encoding="utf-8")
)
EFFECTS = {"R": Effect.REJECTION, "A": Effect.ACCEPTANCE}
STARTS = {
    "first": RegimeStart.FIRST_OFFICE,
    "competent": RegimeStart.COMPETENT_OFFICE,
    "file": RegimeStart.COMPLETE_FILE,
}


def rows() -> Iterator[Any]:
    for name, group in TABLE.items():
        for case in group["cases"]:
            yield pytest.param(group["regime"], case, id=f"{name}: {case['from']}")


def limit_of(law: dict[str, Any], case: dict[str, Any]) -> date | None:
    start = STARTS[law["start"]]
    found = count_period(
        a_regime(EFFECTS[law["effect"]], law["period"], start, law.get("extension")),
        confirmed(
            start,
            case["from"],
            presumed=law.get("presumed", False),
            extended=case.get("extended"),
        ),
        pieces([(asked, until) for asked, until in case.get("asked", ())], case.get("came", ())),
        PARIS,
    )
    return found.limit if isinstance(found, CountedPeriod) else None


@pytest.mark.parametrize(("law", "case"), list(rows()))
def test_a_period_ends_on_the_day_computed_by_hand(
    law: dict[str, Any], case: dict[str, Any]
) -> None:
    assert limit_of(law, case) == (None if case["limit"] == "none" else case["limit"])


def test_the_table_holds_at_least_forty_periods_and_names_their_articles() -> None:
    assert len(list(rows())) >= 40
    assert all(group["article"] for group in TABLE.values())
