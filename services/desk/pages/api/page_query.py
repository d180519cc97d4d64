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
    """Makes the Problem (422, field `after`), for the caller to raise: the cursor can't be read."""
    return Problem("query", errors=[{"field": "after", "error": "no cursor"}])


class PageQuery(Query):
    """The parameters of a list in pages: the cursor after which a page begins, and its length."""

    after: Annotated[str | None, Field(max_length=100, description="As `next` has it.")] = None
    limit: int = Field(50, ge=1, le=200)

    @property
    def behind(self) -> MomentCursor | None:
        """The cursor after which the page begins; `None`: at the start. Raises Problem."""
        if self.after is None:
            return None
        found = moment_cursor(self.after)
        if found is None:
            raise no_cursor()
        return found

    @property
    def one_more(self) -> int:
        """The number of rows to read: one more than the page has, to see if another follows."""
        return self.limit + 1

    def page(self, rows: Sequence[R]) -> tuple[Sequence[R], bool]:
        """Cuts `one_more` rows to a page; returns its rows, and whether another page follows."""
        return rows[: self.limit], len(rows) > self.limit

    def next_address(self, path: str, cursor: MomentCursor) -> str:
        """Makes the address of the list's next page, which begins after a cursor."""
        asked = self.model_dump(mode="json", exclude_none=True, exclude={"after"})
        return f"{ROOT}{path}?{urlencode({**asked, 'after': str(cursor)})}"
