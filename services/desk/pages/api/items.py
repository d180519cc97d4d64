"""`/api/v1/items`: items in pages, the newest first, as the key may know of them."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from services.desk.api.domain.keys import KeyScope
from services.desk.api.store import item_lists
from services.desk.domain.item import ItemStatus
from services.desk.pages.api.call import ApiCall
from services.desk.pages.api.documents import ItemPageDocument, KeyDocument, ListedItemDocument
from services.desk.pages.api.endpoint import Endpoint, Query
from services.desk.pages.api.page_query import PageQuery
from services.desk.store.cursors import Cursor
from services.desk.store.search_types import Filter
from shared.facts.vocabulary import Channel

CODE = r"^[a-z0-9-]{1,60}$"
_LINES: Final = TypeAdapter(list[ListedItemDocument])
"""All lines of a page are made by one call."""


class ItemsQuery(PageQuery):
    """The parameters of the list of items: filters, and which page."""

    service: Annotated[str | None, Field(pattern=CODE)] = None
    state: ItemStatus | Literal["open", "late"] | None = Field(
        None, description="`open`: all that wait for an answer; `late`: those past their limit."
    )
    category: Annotated[str | None, Field(pattern=CODE)] = None
    channel: Channel | None = None
    received_from: date | None = None
    received_until: date | None = None


async def list_items(call: ApiCall, query: ItemsQuery) -> ItemPageDocument:
    """Answers with a page of the items that pass the filters and the key may know of."""
    which = Filter(
        query.service,
        None if query.state is None else str(query.state),
        query.category,
        None if query.channel is None else query.channel.value,
        query.received_from,
        query.received_until,
    )
    found = await item_lists.page(
        call.connection, call.seen, which, call.today, query.behind, query.one_more
    )
    (shown, more), following = query.page(found), None
    if more:
        last = shown[-1]
        following = query.next_address("/items", Cursor(last.registered_at, last.chrono))
    lines = _LINES.validate_python(shown, from_attributes=True)
    return ItemPageDocument.model_construct(items=lines, next=following)


async def key(call: ApiCall, _: Query) -> KeyDocument:
    """Answers with what the key of the request may do: scopes, services, rate limit, expiry."""
    return KeyDocument(
        key=call.key.key,
        label=call.key.label,
        scopes=sorted(call.key.scopes),
        services=call.services,
        per_minute=call.key.per_minute,
        expires_at=call.key.expires_at,
    )


ENDPOINTS = (
    Endpoint(
        "/key",
        key,
        None,
        "What the presented key may do",
        "Ce que peut la clé présentée",
        KeyDocument,
    ),
    Endpoint(
        "/items",
        list_items,
        KeyScope.ITEMS,
        "Items, the newest first",
        "Les courriers, les plus récents d’abord",
        ItemPageDocument,
        ItemsQuery,
        name="items_listed",
    ),
)
