"""`/api/v1/search`: items by number, sender, subject or content, as the page of search finds them.

Rights are part of the question: what a key may not read matches nothing for it.
"""

from datetime import date
from typing import Annotated, Final

from pydantic import Field

from services.desk.accounts.store import sessions
from services.desk.api.domain.keys import KeyScope
from services.desk.pages.api.call import ApiCall
from services.desk.pages.api.documents import Document
from services.desk.pages.api.endpoint import Endpoint
from services.desk.pages.api.page_query import PageQuery
from services.desk.search.store import search
from services.desk.store.access_journal import What
from services.desk.store.search_types import (
    MARKS,
    Filter,
    SearchHit,
    SearchQuery,
    SearchReader,
)
from shared.facts.envelope import PersonId

_UNMARKED: Final = str.maketrans(dict.fromkeys(MARKS, ""))


class SearchedQuery(PageQuery):
    """The parameters of a search: the words to find, and which page of results."""

    q: Annotated[
        str,
        Field(
            min_length=1,
            max_length=200,
            description='All of these words, or a number; `"…"` keeps words together, `-word`'
            " leaves out.",
        ),
    ]
    close: bool = Field(
        default=False, description="Words that differ by a slip or two, as `next` has it."
    )
    limit: int = Field(25, ge=1, le=100)


class FoundDocument(Document):
    """An item found by a search: number, sender, subject, and the piece of text that matched."""

    chrono: str
    received_on: date
    reserved: bool
    sender: str
    subject: str
    extract: str
    indexed: Annotated[bool, Field(description="False: its content is read within moments.")]


class FoundPageDocument(Document):
    """A page of search results, the newest item first; before them one whose number was typed."""

    found: list[FoundDocument]
    close: Annotated[
        bool, Field(description="No item has these words; these have some that look like them.")
    ]
    next: str | None


async def search_items(call: ApiCall, query: SearchedQuery) -> FoundPageDocument:
    """Answers with a page of search results, and writes that into the access journal."""
    await call.note(What.READING)
    page = await search.find(
        call.connection,
        SearchQuery(
            SearchReader(call.seen, call.roles.reads_all),
            query.q.strip(),
            Filter(),
            call.today,
            call.applied.site.identity.department,
        ),
        after=query.behind,
        forgiving=query.close,
        limit=query.limit,
    )
    read = [hit for hit in page.hits if not hit.sealed]
    for hit in read:
        if hit.reserved:
            who = PersonId(call.key.author)
            await sessions.note_reading(call.connection, hit.item_id, who, call.now)
    following = None
    if page.after is not None:
        again = query.model_copy(update={"close": page.forgiven})
        following = again.next_address("/search", page.after)
    return FoundPageDocument(found=list(map(_found, read)), close=page.forgiven, next=following)


def _found(hit: SearchHit) -> FoundDocument:
    return FoundDocument(
        chrono=hit.line.chrono,
        received_on=hit.line.received_on,
        reserved=hit.reserved,
        sender=_unmarked(hit.sender),
        subject=_unmarked(hit.subject),
        extract=_unmarked(hit.extract),
        indexed=hit.read,
    )


def _unmarked(text: str | None) -> str:
    return " ".join((text or "").translate(_UNMARKED).split())


ENDPOINTS: Final = (
    Endpoint(
        "/search",
        search_items,
        KeyScope.CONTENT,
        "Items by number, sender, subject or content",
        "Les courriers, par numéro, expéditeur, objet ou contenu",
        FoundPageDocument,
        SearchedQuery,
        name="search_found",
    ),
)
