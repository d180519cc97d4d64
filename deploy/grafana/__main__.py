"""`python -m deploy.grafana`: what `make dashboards` runs."""

from pathlib import Path

from deploy.grafana import pages
from deploy.grafana.boards import BOARDS
from deploy.grafana.builder import render

HERE = Path(__file__).parent
DASHBOARDS = HERE / "dashboards"
PAGE = HERE.parents[1] / "docs" / "dashboards.md"


def main() -> None:
    """Writes all Grafana dashboards and docs/dashboards.md."""
    for board in BOARDS:
        (DASHBOARDS / f"{board.uid}.json").write_text(render(board), encoding="utf-8")
    PAGE.write_text(pages.render(), encoding="utf-8")


if __name__ == "__main__":
    main()
