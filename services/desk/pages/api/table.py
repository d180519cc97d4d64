"""The one table of the API's addresses."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.api import codes, item, items, others, search
from services.desk.pages.api.decisions import table
from services.desk.pages.api.endpoint import Endpoint

ENDPOINTS: Final[Sequence[Endpoint]] = (
    *items.ENDPOINTS,
    *item.ENDPOINTS,
    *others.ENDPOINTS,
    *codes.ENDPOINTS,
    *search.ENDPOINTS,
    *table.ENDPOINTS,
)
