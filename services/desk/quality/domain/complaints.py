"""Complaints and suggestions by theme and channel: how many came, how they were answered. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from services.desk.quality.domain.figures import COMPLAINT, FigureKey, FigureRow, ReplyDelay

UNSAID: Final = ""
"""The theme of what nobody gave one."""


@dataclass(frozen=True, slots=True)
class ComplaintFigure:
    """The complaints or suggestions of a theme and channel, and the figure of their replies."""

    nature: str
    theme: str | None
    """`None`: all themes."""
    channel: str | None
    """`None`: all channels."""
    received: int
    """Whatever the perimeter."""
    figure: FigureRow
    delay: ReplyDelay | None
    """`None`: none was answered."""


@dataclass(frozen=True)
class ComplaintTable:
    """A table of figures of either complaints or suggestions, by theme and channel."""

    nature: str
    rows: Sequence[ComplaintFigure]
    themes: Sequence[str] = field(init=False)
    channels: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        mine = [row for row in self.rows if row.nature == self.nature]
        object.__setattr__(self, "rows", mine)
        object.__setattr__(
            self, "themes", sorted({row.theme for row in mine if row.theme is not None})
        )
        object.__setattr__(
            self, "channels", sorted({row.channel for row in mine if row.channel is not None})
        )

    def of(self, theme: str | None = None, channel: str | None = None) -> ComplaintFigure:
        """Returns the figure of a theme and channel; an empty one if no complaint came.

        `None` stands for all of them.
        """
        found = (row for row in self.rows if (row.theme, row.channel) == (theme, channel))
        empty = ComplaintFigure(
            self.nature, theme, channel, 0, FigureRow(FigureKey(COMPLAINT)), None
        )
        return next(found, empty)
