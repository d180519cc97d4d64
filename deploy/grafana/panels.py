"""What a panel is: one question in French, the queries that answer it, and how it is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from deploy.grafana.sites import of_sites

GREEN, AMBER, RED, BLUE = "#1f8a4c", "#b25e00", "#c9191e", "#2f5da8"
"""Told apart by every eye, on a light and on a dark wall; a word stands beside each colour."""


class Shown(StrEnum):
    """The ways in which a dashboard panel is drawn: one figure, bars, lines, steps or a table."""

    FIGURE = "figure"
    """One large figure or a few, to be read from across a room."""
    BARS = "bars"
    """One horizontal bar a series, now."""
    LINES = "lines"
    STEPS = "steps"
    """Columns over time: counts of an hour, of a month."""
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Prom:
    """A query to Prometheus, for the sites that the reader of the dashboard chose."""

    asks: str
    legend: str = ""

    @property
    def query(self) -> str:
        """The text of the Prometheus query, limited to the chosen sites."""
        return of_sites(self.asks)


@dataclass(frozen=True, slots=True)
class Sql:
    """A dashboard's SQL query, run as role `vaguemestre_grafana`.

    With a column `time` its rows are a time series, else a table.
    """

    query: str


PanelQuery: TypeAlias = Prom | Sql


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of a Grafana dashboard, which is 24 units wide."""

    title: str
    says: str
    """For whoever asks what the figure means: what is counted, and what is not."""
    shown: Shown
    asks: Sequence[PanelQuery]
    unit: str = "short"
    steps: Sequence[tuple[float, str]] = ()
    """Colour from this value on; below the first, green."""
    fields: Sequence[tuple[str, str]] = ()
    """Units of single columns, by name."""
    width: int = 8
    height: int = 7
    may_be_empty: str = ""
    """Why nothing to show is no fault."""


@dataclass(frozen=True, slots=True)
class Board:
    """A Grafana dashboard: its title and panels."""

    uid: str
    title: str
    says: str
    since: str
    """What is shown when it is opened, as Grafana writes it: `now-6M`."""
    refresh: str
    panels: Sequence[Panel]
    filtered: bool = True
    """Whether service and channel can be chosen."""
