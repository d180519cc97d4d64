"""as@lae's REST web services, by which a package reaches the archive that runs it.

    manifest (seda_message) and documents (attachments) → in pieces of 2 MB where they are larger
    → what became of it, asked by the transfer's number

Facts of the protocol are those of Pastell's connector `as@lae-rest` (libriciel/pastell) and of the
Morbihan's (docs/decisions/0184). Pastell itself makes a manifest anew, and is not asked.
"""

import asyncio
import hashlib
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
import orjson
from pydantic import SecretStr

from services.desk.archive.archive_server import (
    ArchiveAway,
    ArchiveRefuses,
    ArchiveUnsure,
    words_of,
)
from services.desk.archive.domain.manifest import MANIFEST
from services.desk.archive.domain.transfer_reply import MOST_REPLY
from services.desk.remote_client import PROTOCOL, RemoteClient, UnreadAnswer, octets_of
from shared.site.tables.identity import Archive

CHUNK: Final = 2 * 1024 * 1024
"""Octets of a piece: an as@lae takes no larger one as it is installed."""
MOST_TOLD: Final = 1024 * 1024
"""Octets of any answer but a reply."""
ATTACHMENTS: Final = "documents.tar.gz"
JSON: Final = "application/json"
XML: Final = "application/xml"
_SUCCESS: Final = range(200, 300)
_NOTHING_TAKEN: Final = frozenset({401, 403, 425, 429})
"""Also of an account that somebody has still to mend: the package waits meanwhile."""
_UNSAID: Final = frozenset({408})
_NOT_YET: Final = frozenset({404, 500})
"""What it says of a message that it has not: « Transfert en cours de traitement » is a 500."""
_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500
_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
"""Errors of httpx before the first octet of a question left."""


class Asalae(RemoteClient):
    """A client of the as@lae of an archive; `async with` closes it."""

    def __init__(
        self,
        archive: Archive,
        login: str,
        password: SecretStr,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        place = archive.deposit
        assert place is not None  # noqa: S101  (who opens it asked)
        self._transferring = archive.transferring
        # Its services know an account by the hash of its password.
        hashed = hashlib.sha256(password.get_secret_value().encode()).hexdigest()
        super().__init__(
            f"{place.url.rstrip('/')}/",
            place.timeout_seconds,
            transport,
            httpx.BasicAuth(login, hashed),
        )

    async def deposit(self, transfer: str, package: Path) -> None:
        """Gives a package to as@lae, whole or piece by piece, once it is asked to.

        Raises ArchiveAway, ArchiveUnsure, ArchiveRefuses.
        """
        del transfer  # its number stands in the manifest
        with tempfile.TemporaryDirectory(prefix="vaguemestre-") as folder:
            documents = Path(folder) / ATTACHMENTS
            told, size = await asyncio.to_thread(_unpack, package, documents)
            message = {"seda_message": ("bordereau.xml", told, XML)}
            if size <= CHUNK:
                whole = await asyncio.to_thread(documents.read_bytes)
                message["attachments"] = (ATTACHMENTS, whole, "application/gzip")
                await self._post("sedaMessages", message)
                return
            begun = {"send_chunked_attachments": "true"}
            answer = await self._post("sedaMessages", message, begun)
            await self._pieces(documents, -(-size // CHUNK), answer)

    async def acknowledgement(self, transfer: str) -> bytes | None:
        """Asks as@lae for its Acknowledgement of a transfer; `None`: none yet.

        Raises ArchiveAway.
        """
        return await self._message("Acknowledgement", transfer, MOST_TOLD)

    async def reply(self, transfer: str) -> bytes | None:
        """Asks as@lae for its ArchiveTransferReply to a transfer; `None`: none yet.

        Raises ArchiveAway.
        """
        return await self._message("ArchiveTransferReply", transfer, MOST_REPLY)

    async def _pieces(self, documents: Path, count: int, begun: object) -> None:
        """Sends the documents piece by piece, in the session that as@lae opened for them."""
        said = begun if isinstance(begun, dict) else {}
        session = [said.get(f"chunk_{name}_identifier") for name in ("session", "security")]
        if not all(session):
            raise ArchiveRefuses("no-pieces")
        try:
            for number in range(1, count + 1):
                piece = await asyncio.to_thread(_piece, documents, number)
                about = {
                    "session_identifier": str(session[0]),
                    "security_identifier": str(session[1]),
                    "number_of_files": "1",
                    "file_index": "1",
                    "file_name": ATTACHMENTS,
                    "compression_algorithm": "TARGZ",
                    "number_of_chunks": str(count),
                    "chunk_index": str(number),
                }
                content = {"chunk_content": (f"{number}", piece, "application/octet-stream")}
                await self._post("sedaAttachmentsChunkFiles", content, about)
        except ArchiveUnsure:
            raise
        except ArchiveAway as away:
            # Its message is there: nobody knows what as@lae makes of it.
            raise ArchiveUnsure(str(away), away.said) from away

    async def _message(self, name: str, transfer: str, most: int) -> bytes | None:
        path = (
            f"sedaMessages/sequence:ArchiveTransfer/message:{name}"
            f"/originOrganizationIdentification:{quote(self._transferring, safe='')}"
            f"/originMessageIdentifier:{quote(transfer, safe='')}"
        )
        status, octets = await self._ask("GET", path, XML, most)
        if status in _SUCCESS:
            return octets
        if status in _NOT_YET:
            return None
        raise ArchiveAway(f"http-{status}", _said(octets))

    async def _post(
        self, path: str, files: dict[str, Any], data: dict[str, str] | None = None
    ) -> object:
        status, octets = await self._ask(
            "POST", path, JSON, MOST_TOLD, files=files, data=data or {}
        )
        if status in _SUCCESS:
            try:
                return orjson.loads(octets)
            except orjson.JSONDecodeError as error:
                raise ArchiveUnsure(PROTOCOL) from error
        why, said = f"http-{status}", _said(octets)
        if status in _NOTHING_TAKEN:
            raise ArchiveAway(why, said)
        if status < _CLIENT_ERROR:
            raise ArchiveAway(PROTOCOL)  # it leads elsewhere, where nothing is sent
        if status >= _SERVER_ERROR or status in _UNSAID:
            raise ArchiveUnsure(why, said)
        raise ArchiveRefuses(why, said)

    async def _ask(
        self, method: str, path: str, accept: str, most: int, **more: Any
    ) -> tuple[int, bytes]:
        """Asks one question; returns the status of its answer and its octets."""
        try:
            async with self._client.stream(
                method, path, headers={"Accept": accept}, **more
            ) as answer:
                return answer.status_code, await octets_of(answer, most)
        except UnreadAnswer as unread:
            raise ArchiveUnsure(str(unread)) from unread
        except _NEVER_SENT as error:
            raise ArchiveAway("unreachable") from error
        except httpx.TimeoutException as error:
            raise ArchiveUnsure("too-slow") from error
        except (httpx.HTTPError, OSError) as error:
            raise ArchiveUnsure("unreachable") from error


def _unpack(package: Path, documents: Path) -> tuple[bytes, int]:
    """Writes all but the manifest of a package as a TAR.GZ; returns the manifest, and its size.

    Blocks.
    """
    with zipfile.ZipFile(package) as whole:
        with tarfile.open(documents, "w:gz", compresslevel=1) as tar:
            for entry in whole.infolist():
                if entry.filename == MANIFEST:
                    continue
                header = tarfile.TarInfo(entry.filename)
                header.size = entry.file_size
                with whole.open(entry) as content:
                    tar.addfile(header, content)
        return whole.read(MANIFEST), documents.stat().st_size


def _piece(documents: Path, number: int) -> bytes:
    with documents.open("rb") as file:
        file.seek((number - 1) * CHUNK)
        return file.read(CHUNK)


def _said(octets: bytes) -> str:
    """What it says of a failure: a JSON text, or an object with one; a page (HTML) says nothing."""
    try:
        told = orjson.loads(octets)
    except orjson.JSONDecodeError:
        text = octets.decode("utf-8", "replace")
        return "" if text.lstrip().startswith("<") else words_of(text)
    if isinstance(told, dict):
        told = told.get("message") or told.get("error")
    return words_of(told)
