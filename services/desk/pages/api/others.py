"""`/api/v1/departures`, `/figures`, `/letters`: what stands beside single items."""

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from services.desk.api.domain.keys import KeyScope
from services.desk.api.store import overviews
from services.desk.pages.api.call import ApiCall
from services.desk.pages.api.documents import (
    DepartureDocument,
    DeparturePageDocument,
    FigureDocument,
    FiguresDocument,
    LetterDocument,
    LettersDocument,
)
from services.desk.pages.api.endpoint import Endpoint, Query
from services.desk.pages.api.page_query import PageQuery
from services.desk.store.cursors import Cursor

MOST_MONTHS = 36
MONTH = r"^20\d\d-(0[1-9]|1[0-2])$"


class FiguresQuery(Query):
    """The parameters of the quality figures: the first and last month, at most 36."""

    first: Annotated[str, Field(pattern=MONTH, description="A month: 2026-05.")]
    last: Annotated[str, Field(pattern=MONTH, description="The same month or a later row.")]
    as_closed: bool = Field(default=False, description="Closed months as they were closed.")

    @model_validator(mode="after")
    def _in_order(self) -> "FiguresQuery":
        first, last = (date.fromisoformat(f"{month}-01") for month in (self.first, self.last))
        months = (last.year - first.year) * 12 + last.month - first.month
        if not 0 <= months < MOST_MONTHS:
            raise ValueError(f"{MOST_MONTHS} months at most, in order")
        return self


async def list_departures(call: ApiCall, query: PageQuery) -> DeparturePageDocument:
    """Answers with a page of the letters and emails that left for senders, the latest first."""
    found = await overviews.departures(call.connection, call.seen, query.behind, query.one_more)
    (shown, more), following = query.page(found), None
    if more:
        cursor = Cursor(shown[-1].recorded_at, shown[-1].departure)
        following = query.next_address("/departures", cursor)
    lines = [
        DepartureDocument(
            departure=row.departure,
            chrono=row.chrono,
            service=row.service,
            recorded_at=row.recorded_at,
        )
        for row in shown
    ]
    return DeparturePageDocument(departures=lines, next=following)


async def show_figures(call: ApiCall, query: FiguresQuery) -> FiguresDocument:
    """Answers with the quality figures of the key's services, month by month."""
    found = await overviews.figures(
        call.connection,
        call.services,
        date.fromisoformat(f"{query.first}-01"),
        date.fromisoformat(f"{query.last}-01"),
        as_closed=query.as_closed,
    )
    return FiguresDocument(
        figures=[
            FigureDocument(
                code=row.code,
                service=row.service,
                month=f"{row.month:%Y-%m}",
                kept=row.k,
                due=row.n,
                low=row.low,
                high=row.high,
                late=row.late,
                overdue=row.overdue,
                unanswered=row.unanswered,
                open=row.open,
            )
            for row in found
        ]
    )


async def models(call: ApiCall, _: Query) -> LettersDocument:
    """Answers with the approved standard letters that the key's services may use."""
    found = await overviews.in_force(call.connection, call.services)
    return LettersDocument(
        letters=[
            LetterDocument(
                letter=row.letter,
                version=row.number,
                service=row.service,
                kind=row.kind,
                title=row.title,
                subject=row.subject,
                body=row.body,
            )
            for row in found
        ]
    )


ENDPOINTS = (
    Endpoint(
        "/departures",
        list_departures,
        KeyScope.ITEMS,
        "What left for senders, the latest first",
        "Les départs, les derniers d’abord",
        DeparturePageDocument,
        PageQuery,
        name="others_departed",
    ),
    Endpoint(
        "/figures",
        show_figures,
        KeyScope.FIGURES,
        "Promises kept of due, by service and month",
        "Les engagements tenus, par service et par mois",
        FiguresDocument,
        FiguresQuery,
        name="others_counted",
    ),
    Endpoint(
        "/letters",
        models,
        KeyScope.LETTERS,
        "Standard letters in force",
        "Les lettres types en vigueur",
        LettersDocument,
    ),
)
