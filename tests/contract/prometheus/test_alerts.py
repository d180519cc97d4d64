"""The alerting rules, tried by Prometheus's own tool: who is called, when, and when nobody is."""

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.reference.metrics import TABLES, exposed_name

PROJECT = Path(__file__).parents[3]
PROMETHEUS = PROJECT / "deploy" / "prometheus"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
GUIDE = (PROJECT / "docs" / "guide" / "exploitation.md").read_text(encoding="utf-8")
ALERTS: Mapping[str, Mapping[str, Any]] = {
    rule["alert"]: rule
    for path in RULES
    for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
    if "alert" in rule
}
ALWAYS = "Watchdog"

HEALTHY = {
    'up{job="vaguemestre",process="sla"}': 1,
    'vaguemestre_ingest_arrivals{source="mailbox:bmi",kind="enter"}': 40,
    'vaguemestre_ingest_arrivals{source="mailbox:bmi",kind="seen"}': 7,
    'vaguemestre_desk_arrivals{source="mailbox:bmi",word="item"}': 40,
    'vaguemestre_probe_sent_timestamp_seconds{source="mailbox:bmi"}': "0+300x600",
    'vaguemestre_ingest_probe_timestamp_seconds{source="mailbox:bmi"}': "0+300x600",
    'vaguemestre_outbox_age_seconds{schema="desk"}': 0,
    'vaguemestre_relay_leads{schema="desk"}': 1,
    'vaguemestre_dead_letters{schema="desk"}': 0,
    'vaguemestre_crosscheck_missing_facts{schema="sla",topic="items"}': 0,
    'vaguemestre_crosscheck_age_seconds{schema="sla",topic="items"}': 50_000,
    'vaguemestre_well{process="sla",check="database"}': 1,
    'vaguemestre_well{process="sla",check="kafka"}': 1,
    'vaguemestre_clock_offset_seconds{process="sla"}': -2,
    'vaguemestre_well{process="notify",check="smtp"}': 1,
    'vaguemestre_well{process="ingest",check="tokens"}': 1,
    "vaguemestre_sla_wake_lag_seconds": 0,
    "vaguemestre_sla_awaiting_items": 0,
    "vaguemestre_sla_outdated_items": 0,
    "vaguemestre_sla_held_back_items": 0,
    'vaguemestre_open_hours{service="bmi"}': 1,
    "vaguemestre_working_day": 1,
    "vaguemestre_digests_missing": 0,
    'vaguemestre_disk_free_ratio{folder="blobs"}': 0.6,
    'vaguemestre_ingest_source_trouble{source="mailbox:bmi"}': 0,
    'vaguemestre_ingest_source_trouble{source="mailbox:bsr"}': 0,
    'vaguemestre_ingest_source_trouble{source="scans:courrier"}': 0,
    'vaguemestre_ingest_scan_oldest_seconds{source="scans:courrier"}': 0,
    "vaguemestre_ingest_attachments_oldest_seconds": 90,
    'vaguemestre_ingest_forms_unread_total{form="site-internet"}': 3,
    "vaguemestre_portal_spool_oldest_seconds": 0,
    'vaguemestre_unsent_deposits_oldest_seconds{process="desk"}': 0,
    "vaguemestre_desk_deposits_unheard_oldest_seconds": 0,
    'vaguemestre_disk_refuses{folder="blobs"}': 0,
    "vaguemestre_mail_queue_oldest_seconds": 0,
    "vaguemestre_mail_urgent_oldest_seconds": 0,
    "vaguemestre_desk_webhook_oldest_seconds": 0,
    'vaguemestre_desk_webhook_items{result="open"}': 12,
    'vaguemestre_desk_webhook_items{result="late"}': 0,
    'vaguemestre_desk_parapheur_letters{result="sent"}': 30,
    'vaguemestre_desk_parapheur_letters{result="late"}': 0,
    'vaguemestre_desk_parapheur_letters{result="unanswered"}': 0,
    'vaguemestre_desk_secure_mails{result="sent"}': 9,
    'vaguemestre_desk_secure_mails{result="late"}': 0,
    'vaguemestre_desk_secure_mails{result="unanswered"}': 0,
    'vaguemestre_desk_archive_deposits{result="sent"}': 4,
    'vaguemestre_desk_archive_deposits{result="late"}': 0,
    'vaguemestre_desk_archive_deposits{result="unanswered"}': 0,
    "vaguemestre_desk_learned_at": 0,
    'vaguemestre_lag_records{process="sla",topic="items"}': 0,
    'vaguemestre_scrape_failures_total{process="sla"}': 0,
    'process_resident_memory_bytes{job="vaguemestre",process="sla"}': 120e6,
    'vaguemestre_encrypts_new_files{process="ingest"}': 1,
    'vaguemestre_encrypts_new_files{process="portal"}': 1,
    "vaguemestre_ingest_deposits_in_clear_total": 0,
    "vaguemestre_desk_originals_in_clear": 0,
    "vaguemestre_desk_unindexed_oldest_seconds": 0,
    "vaguemestre_desk_target_ratio": 0.9,
    'vaguemestre_desk_promises{clock="reply",service="bmi",channel="email",result="kept"}': 95,
    'vaguemestre_desk_promises{clock="reply",service="bmi",channel="email",result="late"}': 5,
    'vaguemestre_desk_late_items{service="bmi"}': 0,
    'vaguemestre_desk_waiting_working_days{list="quarantine"}': 0,
    'vaguemestre_desk_waiting_working_days{list="to_qualify"}': 1,
    'vaguemestre_desk_waiting_working_days{list="held"}': 0,
    "vaguemestre_evidence_differences": 0,
    "vaguemestre_evidence_verified_at": 0,
    'vaguemestre_root_left_age_seconds{road="outside"}': 86_400,
    'vaguemestre_root_unsent_oldest_seconds{road="outside"}': 0,
    'vaguemestre_root_left_age_seconds{road="quality_officer"}': 0,
    'vaguemestre_root_unsent_oldest_seconds{road="quality_officer"}': 60,
}

FIRES: Mapping[str, Mapping[str, object]] = {
    "EntreesNonComptees": {'vaguemestre_desk_arrivals{source="mailbox:bmi",word="item"}': 39},
    "SondeManquante": {
        'vaguemestre_ingest_probe_timestamp_seconds{source="mailbox:bmi"}': "0x600",
    },
    "FaitsBloques": {'vaguemestre_outbox_age_seconds{schema="desk"}': 301},
    "RappelsEnRetard": {"vaguemestre_sla_wake_lag_seconds": 1801},
    "DigestsManquants": {"vaguemestre_digests_missing": 1},
    "DisquePlein": {'vaguemestre_disk_free_ratio{folder="blobs"}': 0.04},
    "BaseAbsente": {'vaguemestre_well{process="sla",check="database"}': 0},
    "HorlogeFausse": {'vaguemestre_clock_offset_seconds{process="sla"}': -45},
    "RappelsRetenus": {"vaguemestre_sla_held_back_items": 1001},
    "ProcessusAbsent": {'up{job="vaguemestre",process="sla"}': 0},
    "AlerteNonPartie": {"vaguemestre_mail_urgent_oldest_seconds": 301},
    "RelaisMort": {'vaguemestre_well{process="notify",check="smtp"}': 0},
    "AucuneBoiteLisible": {
        'vaguemestre_ingest_source_trouble{source="mailbox:bmi"}': 1,
        'vaguemestre_ingest_source_trouble{source="mailbox:bsr"}': 1,
    },
    "DisqueRefuse": {'vaguemestre_disk_refuses{folder="blobs"}': 1},
    "LettresMortes": {'vaguemestre_dead_letters{schema="desk"}': 1},
    "FaitsNonEntendus": {'vaguemestre_crosscheck_missing_facts{schema="sla",topic="items"}': 3},
    "RecoupementAbsent": {
        'vaguemestre_crosscheck_age_seconds{schema="sla",topic="items"}': 172_801
    },
    "SourceIllisible": {'vaguemestre_ingest_source_trouble{source="mailbox:bmi"}': 1},
    "JetonRefuse": {'vaguemestre_well{process="ingest",check="tokens"}': 0},
    "DepotsNonPris": {"vaguemestre_desk_deposits_unheard_oldest_seconds": 3601},
    "NumerisationsBloquees": {
        'vaguemestre_ingest_scan_oldest_seconds{source="scans:courrier"}': 3601
    },
    "PiecesJointesNonLues": {"vaguemestre_ingest_attachments_oldest_seconds": 901},
    "FormulaireNonLu": {
        'vaguemestre_ingest_forms_unread_total{form="site-internet"}': "3x12 4x100"
    },
    "EnvoisBloques": {"vaguemestre_mail_queue_oldest_seconds": 1801},
    "AbonnesEnRetard": {"vaguemestre_desk_webhook_oldest_seconds": 1801},
    "AbonnesNonPrevenus": {'vaguemestre_desk_webhook_items{result="late"}': 1},
    "ParapheurMuet": {'vaguemestre_desk_parapheur_letters{result="unanswered"}': 1},
    "LettresEnEchec": {'vaguemestre_desk_parapheur_letters{result="late"}': 1},
    "MailsSecurisesEnEchec": {'vaguemestre_desk_secure_mails{result="late"}': 1},
    "ArchivesMuettes": {'vaguemestre_desk_archive_deposits{result="unanswered"}': 1},
    "VersementEnEchec": {'vaguemestre_desk_archive_deposits{result="late"}': 1},
    "ApprentissageArrete": {"vaguemestre_desk_learned_at": -259201},
    "RetardDEcoute": {'vaguemestre_lag_records{process="sla",topic="items"}': 1001},
    "PersonneNePublie": {'vaguemestre_relay_leads{schema="desk"}': 0},
    "ControleEnEchec": {'vaguemestre_well{process="sla",check="kafka"}': 0},
    "ReleveIncomplet": {'vaguemestre_scrape_failures_total{process="sla"}': "0+5x200"},
    "DisqueBientotPlein": {'vaguemestre_disk_free_ratio{folder="blobs"}': 0.14},
    "MemoireElevee": {'process_resident_memory_bytes{job="vaguemestre",process="sla"}': 801e6},
    "FichiersEnClair": {'vaguemestre_encrypts_new_files{process="portal"}': 0},
    "OriginauxEnClair": {"vaguemestre_desk_originals_in_clear": 4},
    "CourriersMuets": {"vaguemestre_sla_awaiting_items": 1},
    "RechercheEnRetard": {"vaguemestre_desk_unindexed_oldest_seconds": 901},
    "ObjectifNonTenu": {
        'vaguemestre_desk_promises{clock="reply",service="bmi",channel="email",result="late"}': 11
    },
    "CourriersEnRetard": {'vaguemestre_desk_late_items{service="bmi"}': 1},
    "QuarantaineAncienne": {'vaguemestre_desk_waiting_working_days{list="quarantine"}': 2},
    "AQualifierAncien": {'vaguemestre_desk_waiting_working_days{list="to_qualify"}': 2},
    "RetenusAnciens": {'vaguemestre_desk_waiting_working_days{list="held"}': 2},
    "PreuveDiffere": {"vaguemestre_evidence_differences": 1},
    "PreuveNonVerifiee": {"vaguemestre_evidence_verified_at": -129601},
    "EmpreinteNonPartie": {'vaguemestre_root_unsent_oldest_seconds{road="outside"}': 7201},
    "HorsOuverture": {'vaguemestre_open_hours{service="bmi"}': 0},
}
ALSO = {
    "DisquePlein": {"DisqueBientotPlein"},
    "BaseAbsente": {"ControleEnEchec"},
    "RelaisMort": {"ControleEnEchec"},
    "AucuneBoiteLisible": {"SourceIllisible"},
    "JetonRefuse": {"ControleEnEchec"},
}
"""What fires beside it, and should."""

SITE = "indre"
CLOSED = {'vaguemestre_open_hours{service="bmi"}': 0, "vaguemestre_working_day": 0}
STEP = 5
"""Minutes between two samples."""
LONG = 120
"""Minutes after which an alert fires, but for one that waits a day."""
DAY = 1500
SLOW = frozenset({"ObjectifNonTenu", "OriginauxEnClair"})
"""Alerts that wait a day."""


def held(*spans: tuple[object, int]) -> str:
    """Each value for so many minutes, one after the other."""
    return " ".join(f"{value}x{minutes // STEP - 1}" for value, minutes in spans)


def of_site(series: str, site: str, instance: str = "") -> str:
    """The name of a series with the labels that its site and its process's instance give it."""
    name, _, labels = series.partition("{")
    own = [f'site="{site}"'] + ([f'instance="{instance}"'] if instance else [])
    return f"{name}{{{','.join([*own, *filter(None, [labels.rstrip('}')])])}}}"


def case(
    series: Mapping[str, object], firing: Mapping[int, AbstractSet[str]], lasts: int = 3 * LONG
) -> dict[str, Any]:
    """A case of `promtool test rules`: what fires at which minute."""
    given = {**HEALTHY, **series}
    values = {
        name: one if isinstance(one, str) else held((one, lasts)) for name, one in given.items()
    }
    return {
        "interval": f"{STEP}m",
        "input_series": [
            {"series": of_site(name, SITE), "values": value} for name, value in values.items()
        ],
        "promql_expr_test": [
            {
                "expr": 'max by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": f"{minute}m",
                "exp_samples": [
                    {"labels": f'{{alertname="{name}"}}', "value": 1}
                    for name in sorted(names | {ALWAYS})
                ],
            }
            for minute, names in firing.items()
        ],
    }


def fires_and_recovers(name: str, wrong: Mapping[str, object]) -> dict[str, Any]:
    """Wrong for so long, then as it was."""
    long = DAY if name in SLOW else LONG
    expected = {name} | ALSO.get(name, set())
    if any(isinstance(value, str) for value in wrong.values()):
        return case(wrong, {long - STEP: expected})
    spans = {
        series: held((value, long), (HEALTHY[series], LONG)) for series, value in wrong.items()
    }
    return case(spans, {long - STEP: expected, long + STEP: set()}, long + LONG)


def cases() -> list[dict[str, Any]]:
    found = [case({}, {10: set(), LONG: set()})]
    found += [fires_and_recovers(name, wrong) for name, wrong in FIRES.items()]
    # Those of the counter, where no disk is shared, as those of the form.
    unsent = {'vaguemestre_unsent_deposits_oldest_seconds{process="desk"}': 901}
    found.append(fires_and_recovers("DepotsNonPris", unsent))
    wake, missing = "vaguemestre_sla_wake_lag_seconds", "vaguemestre_digests_missing"
    hours, worked = 'vaguemestre_open_hours{service="bmi"}', "vaguemestre_working_day"
    closed = {"HorsOuverture"}
    # A Sunday night: reminders wait behind a stopped sla, nobody is called before Monday.
    found.append(case({hours: 0, worked: 0, wake: f"0+300x{LONG}"}, {60: closed, 300: closed}))
    # 1 May, a Friday: the hours of an opening, and nobody is there.
    found.append(case({hours: 0, worked: 0, missing: 3, wake: 7200}, {30: closed, 300: closed}))
    # The Monday after an outage: at the opening at once, and silent once the reminders were told.
    monday = {hours: held((0, 120), (1, 240)), wake: held((40000, 180), (0, 180))}
    found.append(case(monday, {115: closed, 125: {"RappelsEnRetard"}, 180: set()}))
    # Nine late of nine say nothing about a rate.
    kept = 'vaguemestre_desk_promises{clock="reply",service="bmi",channel="email",result="kept"}'
    late = kept.replace("kept", "late")
    found.append(case({kept: 0, late: 9}, {DAY: set()}, DAY + LONG))
    # A word that the register has and the door has not shown yet is no loss.
    more = 'vaguemestre_desk_arrivals{source="mailbox:bmi",word="item"}'
    found.append(case({more: 41}, {LONG: set()}))
    return found


def test_each_alert_fires_recovers_and_respects_the_opening_hours(
    needs_debian: Callable[[str], Path], tmp_path: Path
) -> None:
    tried(needs_debian("promtool"), tmp_path / "test.yml", cases())


def tried(promtool: Path, path: Path, of: list[dict[str, Any]]) -> None:
    """Fails with what promtool says unless it finds every case as expected."""
    document = {
        "rule_files": [str(path) for path in RULES],
        "evaluation_interval": f"{STEP}m",
        "tests": of,
    }
    path.write_text(json.dumps(document))  # YAML enough
    for words in (("check", "rules", *map(str, RULES)), ("test", "rules", str(path))):
        said = subprocess.run(  # noqa: S603  (our own files)
            [promtool, *words], capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, said.stdout[-4000:] + said.stderr[-8000:]


def test_every_alert_was_tried() -> None:
    assert FIRES.keys() | {ALWAYS} == ALERTS.keys()


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_an_alert_says_whom_it_concerns_and_where_its_page_is(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in {"page", "ticket", "metier", "none"}
    assert alert["labels"]["audience"]
    assert alert["annotations"]["summary"]
    assert alert["annotations"]["runbook"] == f"docs/guide/exploitation.md#{name.lower()}"
    assert f"### {name}\n" in GUIDE


def test_what_is_no_operators_business_goes_to_no_operator() -> None:
    routes = yaml.safe_load((PROMETHEUS / "alertmanager.yml").read_text())["route"]["routes"]
    receivers = {tuple(route["matchers"]): route["receiver"] for route in routes}
    assert receivers[('severity="metier"',)] == "nobody"
    assert {a["labels"]["audience"] for a in ALERTS.values() if _is(a, "metier")} == {
        "referent_qualite",
        "referent_qualite_et_secretaire_general",
        "chef_de_service",
        "bureau_du_courrier",
    }


def test_rules_ask_only_for_metrics_that_exist() -> None:
    names = {exposed_name(gauge) for table in TABLES.values() for gauge in table}
    asked = {
        name
        for path in RULES
        for name in re.findall(r"vaguemestre_[a-z0-9_]+", path.read_text(encoding="utf-8"))
    }
    assert asked <= names, asked - names


def _is(alert: Mapping[str, Any], severity: str) -> bool:
    return bool(alert["labels"]["severity"] == severity)
