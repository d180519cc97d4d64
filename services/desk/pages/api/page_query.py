"""Lists of the API in pages: where one begins, how long it is, and the address of the next."""

from collections.abc import Sequence
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from pydantic import Field

from services.desk.pages.api.endpoint import ROOT, Query
from services.desk.store.cursors import MomentCursor, moment_cursor
from shared.web.problem_details import Problem

R = TypeVar("R")


def no_cursor() -> Problem:
    """Returns the problem that a page can't begin where it was asked to."""
    return Problem("query", errors=[{"field": "after", "error": "no cursor"}])


class PageQuery(Query):
    """The parameters of a list: where a page begins, and how long it is."""

    after: Annotated[str | None, Field(max_length=100, description="As `next` has it.")] = None
    limit: int = Field(50, ge=1, le=200)

    @property
    def behind(self) -> MomentCursor | None:
        """The cursor behind which the page begins; `None`: at the start. Raises Problem."""
        if self.after is None:
            return None
        found = moment_cursor(self.after)
        if found is None:
            raise no_cursor()
        return found

    @property
    def one_more(self) -> int:
        """The number of rows to ask for: one beyond the page says whether another follows."""
        return self.limit + 1

    def page(self, rows: Sequence[R]) -> tuple[Sequence[R], bool]:
        """Returns the rows of the page, of `one_more` asked for, and whether another follows."""
        return rows[: self.limit], len(rows) > self.limit

    def following(self, path: str, cursor: MomentCursor) -> str:
        """Returns the address of the page of the same list behind a cursor."""
        asked = self.model_dump(mode="json", exclude_none=True, exclude={"after"})
        return f"{ROOT}{path}?{urlencode({**asked, 'after': str(cursor)})}"
