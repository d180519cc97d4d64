"""The client of Pastell's REST API v2: a document is found by its title, made, filled and read.

A document is a file of one type (*flux*) of one entity there; its title holds our reference, so
that what was made and not answered is found the next time. Facts of the protocol are those of
libriciel/pastell, `api/` (docs/decisions/0147).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx
from pydantic import SecretStr

from services.desk.parapheur.answers import TOO_HEAVY, ask, ask_json, id_of
from services.desk.parapheur.history import without_controls
from services.desk.parapheur.signature_book import Annex, BookAway, BookRefuses, RemoteId
from services.desk.remote_client import RemoteClient

WRITABLE: Final = frozenset({"creation", "modification"})
"""Last actions of a document that was neither given to its circuit nor sent yet."""


class PastellClient(RemoteClient):
    """A client of one entity of Pastell, for documents of one type; `async with` closes it."""

    def __init__(
        self,
        url: str,
        entity: int,
        flow: str,
        timeout_seconds: int,
        account: tuple[str, SecretStr],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._flow = flow
        super().__init__(
            f"{url.rstrip('/')}/api/v2/entite/{entity}/",
            timeout_seconds,
            transport,
            httpx.BasicAuth(account[0], account[1].get_secret_value()),
        )

    async def find(self, reference: str) -> Sequence[RemoteId]:
        """Returns the documents whose title has our reference, those on their way first."""
        found = await self.ask_any(
            "GET", "document", params={"type": self._flow, "search": reference, "limit": "20"}
        )
        if not isinstance(found, list):
            raise BookAway("protocol")
        rows = [row for row in found if isinstance(row, dict)]
        rows = [row for row in rows if reference in str(row.get("titre", ""))]
        rows.sort(key=lambda row: str(row.get("last_action", "")) in WRITABLE)
        return [id_of(row.get("id_d")) for row in rows]

    async def create(self, name: str, title: str) -> RemoteId:
        """Makes a document and gives it its title at once, in the field `name`; returns its id."""
        made = await self.ask_for("POST", "document", data={"type": self._flow})
        remote = id_of(made.get("id_d"))
        await self.ask_for("PATCH", f"document/{remote}", data={name: title})
        return remote

    async def detail(self, remote: RemoteId) -> tuple[str, Mapping[str, Any]]:
        """Returns the last action of a document, and all that Pastell tells of it.

        Raises BookRefuses when it is not there.
        """
        said = await self.ask_for("GET", f"document/{remote}")
        last = said.get("last_action")
        if not isinstance(last, dict) or not isinstance(last.get("action"), str):
            raise BookAway("protocol")
        return last["action"], said

    async def put_file(self, place: str, annex: Annex) -> Mapping[str, Any]:
        """Puts a file at its place of a document; put twice, it is there once.

        Returns what Pastell says of the document then. Raises BookRefuses: `no-annexes` where the
        type takes none.
        """
        file = {"file_content": (annex.name, annex.octets, annex.media_type)}
        try:
            return await self.ask_for("POST", place, data={"file_name": annex.name}, files=file)
        except BookRefuses as refusal:
            if str(refusal) == TOO_HEAVY:
                raise
            raise type(refusal)("no-annexes") from None

    async def ask_for(self, method: str, path: str, **more: Any) -> Mapping[str, Any]:
        """Asks one question that an object answers. Raises BookAway, BookRefuses, BookUnsure."""
        said = await self.ask_any(method, path, **more)
        if not isinstance(said, dict):
            raise BookAway("protocol")
        return said

    async def ask_any(self, method: str, path: str, **more: Any) -> Any:
        """Asks one question; returns its answer, parsed from JSON. Raises as `ask_for`."""
        return await ask_json(self._client, method, path, **more)

    async def ask_octets(self, method: str, path: str, *most: int) -> bytes:
        """Asks one question; returns the octets of its answer. Raises as `ask_for`."""
        return await ask(self._client, method, path, *most)


def data_of(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the fields of a document, from what Pastell tells of it."""
    data = said.get("data")
    return data if isinstance(data, dict) else {}


def text_of(data: Mapping[str, Any], name: str) -> str:
    """Returns a field of a document as text, without control characters; none: empty."""
    said = data.get(name)
    return without_controls(said).strip() if isinstance(said, str) else ""
