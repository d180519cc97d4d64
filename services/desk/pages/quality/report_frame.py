"""What every report of quality shows around its figures: period, filters, ways on, files."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.pages.quality import figure_address, figure_words, report_period
from services.desk.pages.quality.figure_address import FigureFilter
from services.desk.pages.quality.report_period import ReportPeriod
from services.desk.pages.visit import Visit
from services.desk.quality.store.figures import FigureQuestion
from services.desk.sheets import KINDS


@dataclass(frozen=True, slots=True)
class ReportFrame:
    """The request for a quality report's page: its period, its filter, and French names."""

    visit: Visit
    slug: str
    """The last part of its address: `retards`."""
    period: ReportPeriod
    chosen: FigureFilter
    names: Names

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
            **shown,
        )


def frame(visit: Visit, slug: str) -> ReportFrame:
    """Reads the period and filter of a report from the page's address.

    Raises HTTPException 404.
    """
    return ReportFrame(
        visit,
        slug,
        report_period.of_address(visit),
        figure_address.read_filter(visit),
        Names(visit.applied.site, visit.directory),
    )
