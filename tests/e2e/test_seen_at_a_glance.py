"""Dashboards, rules and gauges on the running préfecture: none fails, none lies.

A real Prometheus scrapes the real processes; every query of every panel is asked as Grafana would.
"""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import asyncpg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.grafana.boards import BOARDS
from deploy.grafana.builder import DESK, SERVICES
from deploy.grafana.panels import Board, Panel, PanelQuery, Prom
from deploy.reference.metrics import TABLES
from services.desk.domain.disposition import Disposition
from services.desk.domain.item import ItemStatus
from services.desk.domain.learner_numbers import LearnerTarget
from services.notify.domain.ledger import NoticeState as LedgerState
from shared.facts.clocks import Clocks
from shared.facts.envelope import Topic
from shared.facts.vocabulary import Channel, ClockName, NoticeKind, Waiting
from shared.platform.observability.metric_definitions import Label
from shared.site.load import load_folder
from tests.e2e.house import FEASTS, INDRE, House
from tests.e2e.house import SERVICES as PROCESSES
from tests.e2e.looking import Prometheus, as_grafana_asks, prometheus

QUESTIONS = [
    pytest.param(panel, ask, id=f"{board.title}: {panel.title} {number}")
    for board in BOARDS
    for panel in board.panels
    for number, ask in enumerate(panel.asks, 1)
]
OWN = {
    "ingest": "`ingest run`",
    "desk-keep": "`desk keep`",
    "sla": "`sla run`",
    "notify": "`notify run`",
    "portal": "`portal serve`",
}
STATES = "Every process but the portal"
TRANSPORT = "Every process that hears or tells"
WRITES = "Every process that writes files of mail"
REPLY = "Bonjour,\n\nLa liste des pièces est sur notre site.\n\nCordialement,\n"


@pytest.fixture(scope="module")
async def lived(live: House) -> House:
    """Three people wrote; one has an answer, one waits, one letter is out of the perimeter."""
    first, second, third = (live.mail(name) for name in ("Ines Tot", "Paul Tard", "Lea Ailleurs"))
    await live.write(first, second, third)
    await live.settle()
    chrono, other = await live.chrono_of(first), await live.chrono_of(third)
    await live.does("desk", "qualify", chrono, "--as", "c.aubry")
    await live.does("desk", "reply", chrono, "--text", "-", "--as", "c.aubry", typed=REPLY)
    await live.does("desk", "qualify", other, "--as", "c.aubry")
    await live.does("desk", "close", other, "--reason", "sans-suite", "--as", "c.aubry")
    await live.settle()
    return live


@pytest.fixture(scope="module")
async def seen(
    lived: House, needs_debian: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Prometheus]:
    """Prometheus, once it has scraped every process twice and recorded its first figures."""
    folder = tmp_path_factory.mktemp("prometheus")
    async with prometheus(needs_debian("prometheus"), lived, folder) as one:
        scraped = f"count(count_over_time(up[30s]) > 2) == {len(PROCESSES)}"
        await one.until(scraped, "two scrapes of every process")
        await one.until("vaguemestre:reply_kept:ratio", "the recorded rate")
        yield one


@pytest.fixture(scope="module")
async def sums(lived: House) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """PostgreSQL as the dashboards see it."""
    connection = await asyncpg.connect(lived.run["database_urls"]["grafana"])
    yield connection
    await connection.close()


@pytest.mark.parametrize(("panel", "ask"), QUESTIONS)
async def test_each_query_of_each_panel_is_answered(
    lived: House, seen: Prometheus, sums: Any, panel: Panel, ask: PanelQuery
) -> None:
    services = [row["service"] for row in await sums.fetch("SELECT * FROM desk.service_names")]
    query = as_grafana_asks(ask.query, services, lived.now - timedelta(days=90), lived.now)
    if isinstance(ask, Prom):
        found: Any = await seen.ask(query)
    else:
        found = [row for row in await sums.fetch(query) if any(value is not None for value in row)]
    assert found or panel.may_be_empty, query


async def test_the_choices_of_a_dashboard_are_the_services_of_the_site(sums: Any) -> None:
    assert ("bmi", "BMI") in [(row["__value"], row["__text"]) for row in await sums.fetch(SERVICES)]
    assert (await sums.fetchval(DESK)).startswith("https://")


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_what_may_be_empty_is_the_exception(board: Board) -> None:
    assert len([panel for panel in board.panels if panel.may_be_empty]) * 2 < len(board.panels)


async def test_every_rule_is_evaluated_without_fault(seen: Prometheus) -> None:
    groups = (await seen.get("rules"))["groups"]
    rules = {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}
    assert {name: health for name, health in rules.items() if health != "ok"} == {}
    assert {"Watchdog", "EntreesNonComptees", "vaguemestre:reply_kept:ratio"} <= rules.keys()
    firing = await seen.values('ALERTS{alertname="Watchdog",alertstate="firing"}', "alertname")
    assert firing == {("Watchdog",): 1}


async def test_gauges_are_what_the_register_counts(lived: House, seen: Prometheus) -> None:
    for query, labels, sql in (
        (
            "vaguemestre_desk_items",
            ("service", "state"),
            "SELECT service, state, count(*) FROM desk.items GROUP BY 1, 2",
        ),
        (
            "sum by (word) (vaguemestre_desk_arrivals)",
            ("word",),
            """
            SELECT CASE WHEN word = 'set_aside' AND reason = 'exercise' THEN 'exercise_answers'
                        ELSE word END, count(*)
            FROM desk.arrivals GROUP BY 1
            """,
        ),
        (
            "vaguemestre_desk_waiting",
            ("list",),
            "SELECT waiting, count(*) FROM desk.waits GROUP BY 1",
        ),
        (
            "sum by (clock, result) (vaguemestre_desk_promises)",
            ("clock", "result"),
            """SELECT c.clock,
                      CASE WHEN c.outcome IS NULL AND i.state = 'observed' THEN 'observed'
                           WHEN c.outcome IS NULL AND c.limit_day < (
                               SELECT (moment AT TIME ZONE 'Europe/Paris')::date FROM site.story)
                               THEN 'overdue'
                           WHEN c.outcome = 'born' THEN 'late'
                           ELSE coalesce(c.outcome, 'open') END AS result, count(*)
               FROM desk.clocks c JOIN desk.items i USING (item_id)
               WHERE i.perimeter AND i.state <> 'merged'
                 AND coalesce(c.outcome, '') NOT IN ('moot', 'merged', 'withdrawn', 'transferred')
               GROUP BY 1, 2""",
        ),
        (
            "vaguemestre_ingest_arrivals",
            ("source", "kind"),
            "SELECT source, kind, count(*) FROM ingest.arrivals GROUP BY 1, 2",
        ),
        (
            "vaguemestre_notices",
            ("state", "kind"),
            "SELECT state, kind, count(*) FROM notify.ledger GROUP BY 1, 2",
        ),
    ):
        kept = {tuple(row)[:-1]: row["count"] for row in await lived.rows(sql)}
        assert kept, sql
        shown = {key: n for key, n in (await seen.values(query, *labels)).items() if n}
        assert shown == kept, query


async def test_everything_that_came_in_is_accounted_for(seen: Prometheus) -> None:
    assert set((await seen.values("vaguemestre:unaccounted:arrivals", "source")).values()) == {0}


async def test_the_hours_are_those_of_the_prefecture(lived: House, seen: Prometheus) -> None:
    (open_,) = (await seen.values("vaguemestre:open:bool")).values()
    day, hour = lived.now.date(), lived.now.hour
    assert open_ == (day.weekday() < 5 and day not in FEASTS and 9 <= hour < 16)


@pytest.mark.parametrize("process", PROCESSES)
async def test_a_process_shows_what_the_tables_declare_and_nothing_else(
    lived: House, process: str
) -> None:
    _, text = lived.door(process, "/metrics")
    shown = {
        family.name: family
        for family in text_string_to_metric_families(text)
        if family.name.startswith("vaguemestre_") and not family.name.endswith("_created")
    }
    tables = ["Every process", *([OWN[process]] if process in OWN else [])]
    tables += [] if process == "portal" else [STATES]
    tables += [] if process in {"desk", "portal"} else [TRANSPORT]
    tables += [] if process == "sla" else [WRITES]
    declared = {gauge.name: gauge for table in tables for gauge in TABLES[table]}
    assert shown.keys() == declared.keys()
    for name, family in shown.items():
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == {"site", *declared[name].labels}, sample
            assert sample.labels["site"] == "indre"


@pytest.mark.parametrize("process", PROCESSES)
async def test_a_label_has_only_the_values_that_code_and_site_allow(
    lived: House, process: str
) -> None:
    site = load_folder(INDRE)
    boxes = [box.id for box in site.sources.mailboxes]
    bounds: dict[str, set[str]] = {
        Label.ANSWER: {"Accepted", "NoAnswer", "NotTried", "RefusedForGood", "RefusedForNow"},
        Label.CHANNEL: set(Channel),
        Label.CLOCK: set(ClockName),
        Label.FOLDER: {"blobs", "spool", "scans"},
        Label.KIND: set(NoticeKind)
        | {"enter", "set_aside", "quarantine", "probe", "bounce", "departure", "seen"},
        Label.LIST: set(Waiting),
        Label.QUESTION: set(LearnerTarget),
        Label.RESULT: {"kept", "late", "overdue", "open", "observed", "closed", "due"}
        | {"measured", "shown", "right", "sent", "signed", "unanswered"},
        Label.SCHEMA: {"ingest", "desk", "sla", "notify"},
        Label.SERVICE: set(site.service),
        Label.SOURCE: {f"{way}:{box}" for way in ("mailbox", "sent") for box in boxes}
        | {f"scans:{scan_folder.id}" for scan_folder in site.sources.scan_folders}
        | {"spool"},
        Label.STATE: set(ItemStatus) | set(LedgerState) | {"on_time", "at_risk", "late"},
        Label.TOPIC: set(Topic),
        Label.TYPE: {fact.__name__ for fact in get_args(Clocks)},
        Label.WORD: set(Disposition),
    }
    _, text = lived.door(process, "/metrics")
    beyond = {
        (label, value)
        for family in text_string_to_metric_families(text)
        if family.name.startswith("vaguemestre_")
        for sample in family.samples
        for label, value in sample.labels.items()
        if label in bounds and value not in bounds[label]
    }
    assert beyond == set()


async def test_the_terminal_says_the_same_and_ends_in_one_when_a_person_is_needed(
    lived: House,
) -> None:
    said = await lived.says("status")
    lines = said.output.splitlines()
    items = await lived.ask("SELECT count(*) FROM desk.arrivals WHERE word = 'item'")
    (came,) = [line for line in lines if line.startswith("came in")]
    assert f"{items} item" in came
    assert came.endswith("; 0 on the way")
    processes = next(line for line in lines if line.startswith("processes")).split()
    assert processes[1:] == [word for name in PROCESSES for word in (name, "ok")]
    heard = {line.split()[0]: line.split()[1] for line in lines if line.startswith(PROCESSES[3:5])}
    assert heard == {"sla": "0", "notify": "0"}
    assert said.code == (1 if any(line.startswith("! ") for line in lines) else 0)
    (waiting,) = [line for line in lines if line.startswith("waiting")]
    idle = waiting.split() == ["waiting", "nothing"]
    assert ("Nothing needs a person." in said.output) == (said.code == 0 and idle)
