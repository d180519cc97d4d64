"""The dashboards are what their tables say, and ask for nothing that does not exist."""

import json
import re

import pytest

from deploy.grafana import pages
from deploy.grafana.__main__ import DASHBOARDS, PAGE
from deploy.grafana.boards import BOARDS
from deploy.grafana.building import render
from deploy.grafana.panels import Board, Prom
from deploy.reference.metrics import TABLES, exposed
from shared.measures import HistogramOf

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
    measures = [one for table in TABLES.values() for one in table]
    names = {exposed(one) for one in measures}
    names |= {f"{one.name}_bucket" for one in measures if isinstance(one, HistogramOf)}
    asked = {
        name
        for board in BOARDS
        for panel in board.panels
        for ask in panel.asks
        if isinstance(ask, Prom)
        for name in re.findall(r"vaguemestre_[a-z0-9_]+", ask.query)
    }
    assert asked <= names, asked - names
