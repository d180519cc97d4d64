"""One row of the table of the API's addresses."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.desk.api.domain.keys import KeyScope
from services.desk.pages.api.call import ApiCall

ROOT: Final = "/api/v1"
"""What stands before each address of the table."""


class Query(BaseModel):
    """The base of an endpoint's query parameters; an undeclared parameter is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(BaseModel):
    """The base of an endpoint's JSON body; an undeclared field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Endpoint:
    """An endpoint of the API: address, handler, required scope, and its words in the reference.

    `answer`: the model of the JSON document; `None`: the answer is a file. `scope` `None`: any
    valid key may ask.
    """

    path: str
    handler: Callable[[ApiCall, Any], Awaitable[BaseModel | Response]]
    scope: KeyScope | None
    summary: str
    """In English, as the OpenAPI document has it."""
    words: str
    """In French, as the page of the API has it."""
    answer: type[BaseModel] | None
    query: type[Query] = Query
    method: Literal["GET", "POST"] = "GET"
    body: type[Body] | None = None
    """Of a POST: the model of its JSON document, which its handler is given in place of a query."""
    name: str = ""
    """Of the operation in the OpenAPI document; empty: made of the handler's name."""
    matches: bool = False
    """It wants the tag of the item that was seen (If-Match)."""
    by_session: bool = False
    """No key does it: a person, on a page, signed in."""

    @property
    def operation(self) -> str:
        """The name of the operation in the OpenAPI document."""
        module = getattr(self.handler, "__module__", "")
        return self.name or f"{module.rpartition('.')[2]}_{self.handler.__name__}"
