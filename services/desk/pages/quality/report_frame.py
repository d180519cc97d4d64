"""What every report of quality shows around its figures: period, filters, ways on, files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.pages.quality import (
    figure_address,
    figure_files,
    figure_words,
    report_period,
)
from services.desk.pages.quality.figure_address import FigureFilter
from services.desk.pages.quality.report_period import ReportPeriod
from services.desk.pages.visit import Visit
from services.desk.quality.store.figures import FigureQuestion
from services.desk.sheets import KINDS, Cell, ExportSheet
from services.desk.store.unread_delays import UNVERIFIED, unverified

RESERVE: Final = "Réserve"
"""The last column of a report's file, where its figures rest on delays."""


@dataclass(frozen=True, slots=True)
class ReportFrame:
    """The request for a quality report's page: its period, its filter, and French names."""

    visit: Visit
    slug: str
    """The last part of its address: `retards`."""
    period: ReportPeriod
    chosen: FigureFilter
    names: Names
    resting_on: Sequence[str] = ()
    """The codes of the promises whose delays its figures rest on."""

    @property
    def question(self) -> FigureQuestion:
        """The report's period and filter as a `FigureQuestion`, by which its figures are found."""
        return self.period.question(self.chosen, self.visit.applied.first_month)

    @property
    def name(self) -> str:
        """The report's period and filter in French words: « mai 2026, BMI »."""
        scope = figure_words.scope(self.chosen.service, self.chosen.channel, self.names)
        return self.period.words + scope

    def file(self) -> str:
        """Returns the name of the report's file in the format asked for.

        Raises HTTPException 404.
        """
        kind = figure_address.kind_of_address(self.visit)
        return self.chosen.file(f"{self.slug}-{self.period.code}", kind)

    async def html(self, template: str, **shown: Any) -> Response:
        """Renders the page of a report, with the links and choices that all reports share."""
        path = f"{self.period.path}/{self.slug}"
        return await self.visit.html(
            template,
            name=self.name,
            period=self.period,
            chosen=self.chosen,
            choices=figure_address.choices(self.visit),
            files=[(kind, self.chosen.address(f"{path}/chiffres{kind}")) for kind in KINDS],
            unverified=await self._unverified(),
            **shown,
        )

    async def download(self, rows: Iterable[Sequence[Cell]], sheet: ExportSheet) -> Response:
        """Makes the response that downloads the report's file.

        What rests on delays has a last column, which says so where nobody has read them. Raises
        HTTPException 404.
        """
        if self.resting_on:
            said = UNVERIFIED if await self._unverified() else ""
            rows = [(*row, said) for row in rows]
            sheet = replace(
                sheet, titles=[*sheet.titles, RESERVE], widths=[*sheet.widths, len(UNVERIFIED)]
            )
        return await figure_files.download(self.visit, rows, self.file(), sheet)

    async def _unverified(self) -> bool:
        visit = self.visit
        return await unverified(visit.connection, visit.applied.site, self.resting_on)


def frame(visit: Visit, slug: str, resting_on: Sequence[str] = ()) -> ReportFrame:
    """Reads the period and filter of a report from the page's address.

    `resting_on`: the codes of the promises whose delays its figures rest on. Raises HTTPException
    404.
    """
    return ReportFrame(
        visit,
        slug,
        report_period.of_address(visit),
        figure_address.filtered(visit),
        Names(visit.applied.site, visit.directory),
        resting_on,
    )
