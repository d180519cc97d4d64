"""From a table of panels to the JSON that Grafana reads: the same octets for the same table."""

import json
from collections.abc import Callable, Mapping
from typing import Any, assert_never

from grafana_foundation_sdk.builders import bargauge, common, dashboard, stat, table, timeseries
from grafana_foundation_sdk.builders import prometheus as prom
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.panels import GREEN, RED, Board, Panel, PanelQuery, Prom, Shown, Sql

PROMETHEUS = model.DataSourceRef("prometheus", "vaguemestre-prometheus")
POSTGRESQL = model.DataSourceRef("grafana-postgresql-datasource", "vaguemestre-register")
TAG = "vaguemestre"
CHANNELS: Mapping[str, str] = {
    "Courriel": "email",
    "Formulaire": "form",
    "Lettre": "letter",
    "Recommandé": "registered_letter",
    "Remis en main propre": "hand_delivered",
}
SERVICES = "SELECT short AS __text, service AS __value FROM desk.service_names ORDER BY short"
DESK = "SELECT desk_url FROM desk.site_seen"


GAP = "Écart à l’objectif"
"""The column that is red below zero and green from it on, whatever the site's target."""
_SIGNED = [
    model.DynamicConfigValue(
        "thresholds",
        {
            "mode": "absolute",
            "steps": [{"value": None, "color": RED}, {"value": 0, "color": GREEN}],
        },
    ),
    model.DynamicConfigValue("custom.cellOptions", {"type": "color-text"}),
]


class SqlQuery(Dataquery):
    """A query of Grafana's PostgreSQL source, which the SDK has no class for."""

    def __init__(self, text: str, ref: str) -> None:
        self._text = text
        self._ref = ref

    def build(self) -> Dataquery:
        """Returns the SQL query itself, as the Grafana SDK asks of a builder."""
        return self

    def to_json(self) -> dict[str, object]:
        """Returns the SQL query as Grafana's JSON."""
        return {
            "refId": self._ref,
            "datasource": POSTGRESQL,
            "format": "time_series" if 'AS "time"' in self._text else "table",
            "rawQuery": True,
            "rawSql": self._text,
            "editorMode": "code",
        }


def render(board: Board) -> str:
    """Returns the JSON of a Grafana dashboard."""
    built = dashboard.Dashboard(board.title).uid(board.uid).description(board.says)
    built = built.tags([TAG]).timezone("browser").readonly().refresh(board.refresh)
    built = built.time(board.since, "now").week_start("monday")
    built = built.tooltip(model.DashboardCursorSync.CROSSHAIR)
    built = built.link(
        dashboard.DashboardLink("Autres tableaux")
        .type(model.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .keep_time(keep_time=False)
        .include_vars(include_vars=True)
    )
    built = built.link(
        dashboard.DashboardLink("Le registre").type(model.DashboardLinkType.LINK).url("${bureau}")
    )
    for variable in _variables(filtered=board.filtered):
        built = built.with_variable(variable)
    for number, panel in enumerate(board.panels, start=1):
        built = built.with_panel(_panel(panel).id(number))
    return json.dumps(built.build(), cls=JSONEncoder, ensure_ascii=False, indent=2) + "\n"


def _variables(*, filtered: bool) -> list[Any]:
    desk = (
        dashboard.QueryVariable("bureau")
        .label("Registre")
        .query(DESK)
        .datasource(POSTGRESQL)
        .hide(model.VariableHide.HIDE_VARIABLE)
        .refresh(model.VariableRefresh.ON_DASHBOARD_LOAD)
    )
    everything = model.VariableOption(text="Tous", value="$__all")
    site = (
        dashboard.QueryVariable("site")
        .label("Site")
        .query("label_values(vaguemestre_working_day, site)")
        .datasource(PROMETHEUS)
        .multi(multi=True)
        .include_all(include_all=True)
        .current(everything)
        .refresh(model.VariableRefresh.ON_DASHBOARD_LOAD)
    )
    if not filtered:
        return [site, desk]
    service = (
        dashboard.QueryVariable("service")
        .label("Service")
        .query(SERVICES)
        .datasource(POSTGRESQL)
        .multi(multi=True)
        .include_all(include_all=True)
        .current(everything)
        .refresh(model.VariableRefresh.ON_DASHBOARD_LOAD)
    )
    channel = (
        dashboard.CustomVariable("channel")
        .label("Canal")
        .values(", ".join(f"{said} : {code}" for said, code in CHANNELS.items()))
        .multi(multi=True)
        .include_all(include_all=True)
        .current(everything)
    )
    return [site, service, channel, desk]


_DRAWN: Mapping[Shown, Callable[[], Any]] = {
    Shown.FIGURE: lambda: (
        stat.Panel()
        .color_mode(shapes.BigValueColorMode.VALUE)
        .graph_mode(shapes.BigValueGraphMode.NONE)
        .text_mode(shapes.BigValueTextMode.VALUE_AND_NAME)
    ),
    Shown.BARS: lambda: (
        bargauge.Panel()
        .display_mode(shapes.BarGaugeDisplayMode.BASIC)
        .orientation(shapes.VizOrientation.HORIZONTAL)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    ),
    Shown.LINES: lambda: (
        timeseries.Panel().line_width(2).fill_opacity(8).span_nulls(span_nulls=True)
    ),
    Shown.STEPS: lambda: (
        timeseries.Panel()
        .draw_style(shapes.GraphDrawStyle.BARS)
        .fill_opacity(70)
        .stacking(common.StackingConfig().mode(shapes.StackingMode.NORMAL))
    ),
    Shown.TABLE: table.Panel,
}


def _panel(panel: Panel) -> Any:
    drawn = _DRAWN[panel.shown]().title(panel.title).description(panel.says).unit(panel.unit)
    drawn = drawn.height(panel.height).span(panel.width).datasource(_source(panel.asks[0]))
    if panel.shown is Shown.FIGURE:
        # A row of SQL may hold words beside figures; a sample has a time to leave out.
        fields = "/.*/" if isinstance(panel.asks[0], Sql) else ""
        drawn = drawn.reduce_options(
            common.ReduceDataOptions().calcs(["lastNotNull"]).fields(fields)
        )
    drawn = drawn.no_value(panel.may_be_empty or "aucune donnée")
    steps = [model.Threshold(value=None, color=GREEN)]
    steps += [model.Threshold(value=value, color=color) for value, color in panel.steps]
    drawn = drawn.thresholds(
        dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)
    )
    for field, unit in panel.fields:
        settings = [model.DynamicConfigValue("unit", unit)]
        if field == GAP:
            settings += _SIGNED
        drawn = drawn.override_by_name(field, settings)
    if any('"code"' in ask.query for ask in panel.asks):
        to_service = {"title": "Ses courriers", "url": "${bureau}/service/${__data.fields.code}"}
        drawn = drawn.override_by_name(
            "Service", [model.DynamicConfigValue("links", [to_service])]
        ).override_by_name("code", [model.DynamicConfigValue(id_val="custom.hidden", value=True)])
    for ref, ask in zip("ABCDEF", panel.asks, strict=False):
        drawn = drawn.with_target(_target(ask, ref, panel.shown))
    return drawn


def _source(ask: PanelQuery) -> model.DataSourceRef:
    return PROMETHEUS if isinstance(ask, Prom) else POSTGRESQL


def _target(ask: PanelQuery, ref: str, shown: Shown) -> Any:
    match ask:
        case Prom():
            query = prom.Dataquery().expr(ask.query).ref_id(ref).datasource(PROMETHEUS)
            whose = "{{site}} " if "{{" in ask.legend else ""
            query = query.legend_format(f"{whose}{ask.legend}")
            return query.range() if shown in {Shown.LINES, Shown.STEPS} else query.instant()
        case Sql():
            return SqlQuery(ask.query, ref)
        case _:
            assert_never(ask)
