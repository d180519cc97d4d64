"""The dashboards are what their tables say, and ask for nothing that does not exist."""

import json
import re

import pytest

from deploy.grafana import pages
from deploy.grafana.__main__ import DASHBOARDS, PAGE
from deploy.grafana.boards import BOARDS
from deploy.grafana.builder import render
from deploy.grafana.panels import Board, Prom
from deploy.grafana.sites import of_sites
from deploy.reference.metrics import TABLES, exposed_name
from shared.platform.observability.metric_definitions import HistogramOf

EVERY_BOARD = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)


@EVERY_BOARD
def test_the_committed_dashboard_is_its_table_byte_for_byte(board: Board) -> None:
    path = DASHBOARDS / f"{board.uid}.json"
    assert path.read_text(encoding="utf-8") == render(board), "say `make dashboards`"


def test_no_dashboard_is_left_over_and_the_page_is_theirs() -> None:
    assert {path.stem for path in DASHBOARDS.glob("*.json")} == {board.uid for board in BOARDS}
    assert PAGE.read_text(encoding="utf-8") == pages.render(), "say `make dashboards`"


@EVERY_BOARD
def test_each_row_of_a_dashboard_fills_its_width_with_panels_that_explain_themselves(
    board: Board,
) -> None:
    panels = json.loads(render(board))["panels"]
    rows: dict[int, int] = {}
    for panel in panels:
        rows[panel["gridPos"]["y"]] = rows.get(panel["gridPos"]["y"], 0) + panel["gridPos"]["w"]
        assert panel["title"]
        assert panel["description"].endswith((".", "?"))
        assert panel["targets"]
    assert set(rows.values()) == {24}
    assert len({panel["title"] for panel in panels}) == len(panels)


def test_every_rate_stands_beside_its_n() -> None:
    texts = [
        (panel.title, ask.query)
        for board in BOARDS
        for panel in board.panels
        for ask in panel.asks
        if "Taux tenu" in ask.query
    ]
    alone = [title for title, query in texts if '"n"' not in query]
    # The curve of the months has its n in the columns beside it.
    assert alone == ["Taux tenu, par mois de réception"]


def test_panels_ask_only_for_metrics_that_exist() -> None:
    measures = [gauge for table in TABLES.values() for gauge in table]
    names = {exposed_name(measure) for measure in measures}
    names |= {f"{measure.name}_bucket" for measure in measures if isinstance(measure, HistogramOf)}
    asked = {
        name
        for board in BOARDS
        for panel in board.panels
        for ask in panel.asks
        if isinstance(ask, Prom)
        for name in re.findall(r"vaguemestre_[a-z0-9_]+", ask.query)
    }
    assert asked <= names, asked - names


def test_each_question_is_of_the_chosen_sites_and_counts_a_replica_once() -> None:
    same = 'sum(vaguemestre_desk_waiting{list="held"}) or vector(0)'
    assert of_sites(same) == (
        'sum(max without (instance) (vaguemestre_desk_waiting{site=~"$site",list="held"}))'
        " or vector(0)"
    )
    mine = "sum by (process) (rate(vaguemestre_facts_total[5m]))"
    assert of_sites(mine) == (
        'sum by (site, process) (rate(vaguemestre_facts_total{site=~"$site"}[5m]))'
    )
    assert of_sites('up{job="x"}') == 'up{site=~"$site",job="x"}'
    asked = [ask.query for b in BOARDS for p in b.panels for ask in p.asks if isinstance(ask, Prom)]
    assert all('site=~"$site"' in query for query in asked)


@EVERY_BOARD
def test_each_board_lets_its_reader_choose_sites(board: Board) -> None:
    variables = json.loads(render(board))["templating"]["list"]
    assert variables[0]["name"] == "site"
    assert variables[0]["multi"]
