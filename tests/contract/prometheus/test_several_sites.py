"""Two préfectures and two replicas of each process on one Prometheus; a Friday evening."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.prometheus.test_alerts import (
    ALERTS,
    ALWAYS,
    CLOSED,
    FIRES,
    HEALTHY,
    LONG,
    PROMETHEUS,
    SLOW,
    STEP,
    held,
    of_site,
    tried,
)
from tests.contract.prometheus.test_alerts import case as case_of_one

INDRE, REUNION = "indre", "reunion"
ENTERED = 'vaguemestre_ingest_arrivals{source="mailbox:bmi",kind="enter"}'
NAMED = 'vaguemestre_desk_arrivals{source="mailbox:bmi",word="item"}'
LASTS = 3 * LONG
EVENING = ["AlerteNonPartie", "RelaisMort", "AucuneBoiteLisible", "DisqueRefuse", "HorlogeFausse"]


def site(name: str, changes: Mapping[str, object], without: tuple[str, ...] = ()) -> dict[str, str]:
    """The series of a préfecture whose every process runs twice."""
    given = {key: one for key, one in {**HEALTHY, **changes}.items() if not key.startswith(without)}
    return {
        of_site(key, name, replica): one if isinstance(one, str) else held((one, LASTS))
        for key, one in given.items()
        for replica in ("a:1", "b:1")
    }


def case(
    series: Mapping[str, str], firing: AbstractSet[tuple[str, str]], minute: int = LONG
) -> dict[str, Any]:
    """What fires at a minute, and for which préfecture."""
    expected = [{"labels": f'{{alertname="{ALWAYS}"}}', "value": 1}]
    expected += [
        {"labels": f'{{alertname="{alert}",site="{where}"}}', "value": 1}
        for alert, where in sorted(firing)
    ]
    return {
        "interval": f"{STEP}m",
        "input_series": [{"series": name, "values": value} for name, value in series.items()],
        "promql_expr_test": [
            {
                "expr": 'max by (alertname, site) (ALERTS{alertstate="firing"})',
                "eval_time": f"{minute}m",
                "exp_samples": expected,
            }
        ],
    }


@pytest.fixture
def prove(needs_debian: Callable[[str], Path], tmp_path: Path) -> Callable[..., None]:
    """Has promtool try cases."""

    def prove(*cases: dict[str, Any]) -> None:
        tried(needs_debian("promtool"), tmp_path / "sites.yml", list(cases))

    return prove


def test_two_well_sites_with_two_replicas_call_nobody(prove: Callable[..., None]) -> None:
    prove(case(site(INDRE, {}) | site(REUNION, {}), set()))


@pytest.mark.parametrize("alert", sorted(FIRES.keys() - SLOW))
def test_what_is_wrong_in_one_site_is_said_of_that_site_beside_a_well_one(
    prove: Callable[..., None], alert: str
) -> None:
    series = site(INDRE, {}) | site(REUNION, FIRES[alert])
    one = case(series, set(), LONG - STEP)
    (question,) = one["promql_expr_test"]
    question["expr"] = (
        f'max by (alertname, site) (ALERTS{{alertstate="firing",alertname="{alert}"}})'
    )
    question["exp_samples"] = [{"labels": f'{{alertname="{alert}",site="{REUNION}"}}', "value": 1}]
    prove(one)


def test_what_two_replicas_both_count_is_counted_once(prove: Callable[..., None]) -> None:
    lost = site(INDRE, {ENTERED: 41})
    late = site(INDRE, {ENTERED: 40, NAMED: 40})
    prove(case(lost, {("EntreesNonComptees", INDRE)}), case(late, set()))


def test_a_register_that_nobody_can_ask_loses_nothing(prove: Callable[..., None]) -> None:
    gone = ("vaguemestre_desk", "vaguemestre_working_day", "vaguemestre_open_hours")
    prove(case(site(INDRE, {}, gone), set()))


def test_a_source_of_which_the_register_names_nothing_is_unaccounted(
    prove: Callable[..., None],
) -> None:
    prove(case(site(INDRE, {}, (NAMED,)), {("EntreesNonComptees", INDRE)}))


@pytest.mark.parametrize("alert", EVENING)
def test_nothing_urgent_waits_for_monday(prove: Callable[..., None], alert: str) -> None:
    assert ALERTS[alert]["labels"]["severity"] == "page"
    series = site(INDRE, {**CLOSED, **FIRES[alert]}) | site(REUNION, {})
    one = case(series, set(), 15)
    (question,) = one["promql_expr_test"]
    question["expr"] = 'max by (alertname, site) (ALERTS{alertstate="firing",severity="page"})'
    question["exp_samples"] = [{"labels": f'{{alertname="{alert}",site="{INDRE}"}}', "value": 1}]
    prove(one)


def test_a_road_of_the_roots_that_broke_on_a_friday_evening_is_a_ticket_of_its_site(
    prove: Callable[..., None],
) -> None:
    # Each night has its root: the age that rises to a day and falls is that of a well weekend.
    age = 'vaguemestre_root_left_age_seconds{road="outside"}'
    broken = site(INDRE, {**CLOSED, age: "0+300x600"})
    series = broken | site(REUNION, {**CLOSED, age: "0+300x287 0+300x287"})
    assert ALERTS["EmpreinteNonPartie"]["labels"]["severity"] == "ticket"
    of_roads = 'max by (alertname, site, road) (ALERTS{alertstate="firing",alertname=~"Empr.*"})'
    said = f'{{alertname="EmpreinteNonPartie",site="{INDRE}",road="outside"}}'
    for minute, labels in ((26 * 60, []), (26 * 60 + 20, [said]), (45 * 60, [said])):
        one = case(series, set(), minute)
        (question,) = one["promql_expr_test"]
        question["expr"] = of_roads
        question["exp_samples"] = [{"labels": label, "value": 1} for label in labels]
        prove(one)


def test_one_unreadable_mailbox_is_a_ticket_and_no_page(prove: Callable[..., None]) -> None:
    trouble = {'vaguemestre_ingest_source_trouble{source="mailbox:bmi"}': 1}
    prove(case(site(INDRE, trouble), {("SourceIllisible", INDRE)}))


def test_a_mailbox_that_gets_no_probe_is_said_though_none_leaves_either(
    prove: Callable[..., None],
) -> None:
    still = {
        'vaguemestre_probe_sent_timestamp_seconds{source="mailbox:bmi"}': "0x600",
        'vaguemestre_ingest_probe_timestamp_seconds{source="mailbox:bmi"}': "0x600",
    }
    prove(case(site(INDRE, still), {("SondeManquante", INDRE)}))


def test_one_site_s_closing_or_fault_silences_no_other() -> None:
    config = yaml.safe_load((PROMETHEUS / "alertmanager.yml").read_text())
    assert [rule["equal"] for rule in config["inhibit_rules"]] == [["site"], ["site"]]
    assert "site" in config["route"]["group_by"]


def test_a_key_that_a_portal_elsewhere_lacks_is_told_and_a_site_without_keys_is_left_alone(
    needs_debian: Callable[[str], Path], tmp_path: Path
) -> None:
    # A portal that nobody scrapes: ingest meets its forms in clear, one each five minutes.
    met = {"vaguemestre_ingest_deposits_in_clear_total": "0+1x100"}
    none = {key: 0 for key in HEALTHY if key.startswith("vaguemestre_encrypts_new_files")}
    assert len(none) == 2
    cases = [case_of_one(met, {LONG: {"FichiersEnClair"}}), case_of_one(none, {LONG: set()})]
    tried(needs_debian("promtool"), tmp_path / "test.yml", cases)
