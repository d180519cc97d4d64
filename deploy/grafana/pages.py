"""docs/dashboards.md: every panel and its queries, from the same tables as the JSON."""

from collections.abc import Iterator

from deploy.grafana.boards import BOARDS
from deploy.grafana.panels import Board, Panel, PanelQuery, Prom

_HEAD = """# Dashboards

Every panel of the three dashboards and what it asks. Written from `deploy/grafana` by
`make dashboards`. `$site`, `$service` and `$channel` are what the reader chose; SQL is asked of one
préfecture's database as its role that ends in `_grafana`, which sees sums only.
"""


def render() -> str:
    """Returns the text of docs/dashboards.md."""
    return "\n".join([_HEAD, *(line for board in BOARDS for line in _board(board))])


def _board(board: Board) -> Iterator[str]:
    yield f"## {board.title}\n\n{board.says}\n"
    for panel in board.panels:
        yield from _panel(panel)


def _panel(panel: Panel) -> Iterator[str]:
    yield f"### {panel.title}\n\n{panel.says}\n"
    for ask in panel.asks:
        yield f"```{_language(ask)}\n{ask.query}\n```\n"


def _language(ask: PanelQuery) -> str:
    return "promql" if isinstance(ask, Prom) else "sql"
