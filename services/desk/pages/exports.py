"""`/recherche/export/KIND`, `/courriers/export/KIND`: what a search or list shows, as a file."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.columns import Tongue
from services.desk.exports import lists
from services.desk.pages.downloads import our_file
from services.desk.pages.page import Page
from services.desk.pages.search import results
from services.desk.pages.search.query_string import parse_search
from services.desk.pages.service.list_filters import parse_list
from services.desk.pages.visit import Visit
from services.desk.rights import Right
from services.desk.search.store import search
from services.desk.sheets import KINDS, MEDIA
from services.desk.store import work
from services.desk.store.search_types import SearchHit, SearchReader
from services.desk.store.work import WorkRow

MOST_EXPORTED: Final = 50_000
"""Lines of a file that a page makes; the command line has no such limit."""


async def export(visit: Visit) -> Response:
    """Downloads the results of a search as .xlsx, .ods or .csv, written for this request."""
    what = parse_search(visit.request.query_params, visit.applied.site)
    hits = _noted(visit, search.all_found(visit.connection, results.question(visit, what)))
    return await _file(visit, hits)


async def export_list(visit: Visit) -> Response:
    """Downloads the whole work list, filtered and sorted as shown, as .xlsx, .ods or .csv."""
    roles = visit.roles
    what = parse_list(visit.request.query_params, visit.applied.site, visit.directory, roles)
    reader = SearchReader(roles.seen, roles.reads_all)
    rows = work.all_rows(
        visit.connection, reader, what.which, visit.today, heap=what.heap, order=what.order
    )
    return await _file(visit, _hits(rows))


async def _file(visit: Visit, hits: AsyncIterator[SearchHit]) -> Response:
    ending = f".{visit.request.path_params['kind']}"
    if ending not in KINDS:
        raise HTTPException(404)
    tongue = Tongue.of(visit.applied, visit.directory, visit.now)
    with tempfile.TemporaryDirectory(prefix="vaguemestre-") as folder:
        path = Path(folder) / f"liste{ending}"
        await lists.write(path, hits, tongue, MOST_EXPORTED)
        content = path.read_bytes()
    name = f"courriers-{visit.today}{ending}"
    return our_file(content, MEDIA[ending], name)


async def _hits(rows: AsyncIterator[WorkRow]) -> AsyncIterator[SearchHit]:
    """The rows as the columns of a file take them; what is réservé says nothing, as on the page."""
    async for row in rows:
        yield SearchHit(
            item_id=row.item_id,
            at=row.registered_at,
            line=row.line,
            sealed=row.sealed,
            reserved=False,
            read=row.read,
            sender=row.sender,
            subject=row.subject,
            extract="",
        )


async def _noted(visit: Visit, hits: AsyncIterator[SearchHit]) -> AsyncIterator[SearchHit]:
    async for hit in hits:
        await results.note_reading(visit, hit)
        yield hit


PAGES: Final[Sequence[Page]] = (
    Page("/recherche/export/{kind}", export, Right.BELONG),
    Page("/courriers/export/{kind}", export_list, Right.BELONG),
)
