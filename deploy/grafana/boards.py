"""The three dashboards, in the order of their readers."""

from collections.abc import Sequence

from deploy.grafana import office, platform, promises
from deploy.grafana.panels import Board

BOARDS: Sequence[Board] = (promises.BOARD, office.BOARD, platform.BOARD)
