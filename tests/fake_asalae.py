"""as@lae's REST web services as far as packages need them, on ASGI, wrong as its test says.

Written from the facts of libriciel/pastell (connecteur/as@lae-rest and its tests) and of the
Morbihan's connector: addresses, form fields, statuses, the account's hashed password, and the
numbers of messages, which stand in a reply of as@lae the other way round than in Vitam's.
"""

import hashlib
import io
import tarfile
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import httpx
import orjson
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.desk.archive.asalae import ATTACHMENTS, CHUNK, Asalae
from services.desk.archive.domain.manifest import parse
from shared.site.tables.identity import ArchiveDeposit
from tests.archive_builders import ARCHIVE
from tests.fake_pastell import Fault

PLACE: Final = ArchiveDeposit(url="https://asalae.archives.example/restservices")
DEPOSITING: Final = ARCHIVE.model_copy(update={"deposit": PLACE})
LOGIN: Final = "vaguemestre"
PASSWORD: Final = "un-mot-de-passe"
NOT_YET: Final = "Transfert en cours de traitement"
_BASE: Final = "/restservices"
_SEDA: Final = "fr:gouv:culture:archivesdefrance:seda:v2.1"
ACKNOWLEDGEMENT: Final = """<?xml version="1.0" encoding="UTF-8"?>
<Acknowledgement xmlns="{seda}">
  <Comment>Votre transfert d'archive a été pris en compte par la plate-forme as@lae</Comment>
  <Date>2029-05-13T10:00:00+02:00</Date>
  <MessageIdentifier>FRAD036_ACK_14</MessageIdentifier>
  <MessageReceivedIdentifier>{transfer}</MessageReceivedIdentifier>
  <Sender><Identifier>FRAD036</Identifier></Sender>
  <Receiver><Identifier>FRPREF036</Identifier></Receiver>
</Acknowledgement>
"""
REPLY: Final = """<?xml version="1.0" encoding="UTF-8"?>
<ArchiveTransferReply xmlns="{seda}">
  <Comment>{comment}</Comment>
  <Date>2029-05-14T09:30:00+02:00</Date>
  <MessageIdentifier>{transfer}</MessageIdentifier>
  <CodeListVersions/>
  <ReplyCode>{code}</ReplyCode>
  <MessageRequestIdentifier>FRAD036_ATR_14</MessageRequestIdentifier>
  <GrantDate>2029-05-14T09:30:00+02:00</GrantDate>
  <ArchivalAgency><Identifier>FRAD036</Identifier></ArchivalAgency>
  <TransferringAgency><Identifier>FRPREF036</Identifier></TransferringAgency>
</ArchiveTransferReply>
"""


def an_acknowledgement(transfer: str) -> bytes:
    return ACKNOWLEDGEMENT.format(seda=_SEDA, transfer=transfer).encode()


def an_answer(transfer: str, code: str, comment: str) -> bytes:
    return REPLY.format(seda=_SEDA, transfer=transfer, code=code, comment=comment).encode()


@dataclass
class Taken:
    """A package that is there, whole or in part."""

    transfer: str
    manifest: bytes
    pieces: dict[int, bytes] = field(default_factory=dict)
    pieces_expected: int = 1

    @property
    def whole(self) -> bool:
        """Whether all of it came."""
        return len(self.pieces) == self.pieces_expected

    @property
    def files(self) -> dict[str, bytes]:
        """Its documents by their names in it."""
        joined = b"".join(self.pieces[number] for number in sorted(self.pieces))
        with tarfile.open(fileobj=io.BytesIO(joined), mode="r:gz") as tar:
            found = {member.name: tar.extractfile(member) for member in tar.getmembers()}
            return {name: file.read() for name, file in found.items() if file is not None}


@dataclass
class FakeAsalae(httpx.AsyncBaseTransport):
    """The server, and the network before it; `fault` says what goes wrong with a request."""

    fault: Callable[[httpx.Request], Fault | None] = lambda _: None
    acknowledges: bool = True
    """Whether its own job makes the acknowledgement of what came whole."""
    takes_pieces: bool = True
    taken: list[Taken] = field(default_factory=list)
    acknowledgements: dict[str, bytes] = field(default_factory=dict)
    replies: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = Starlette(
            routes=[
                Route(f"{_BASE}/sedaMessages", self._message, methods=["POST"]),
                Route(f"{_BASE}/sedaAttachmentsChunkFiles", self._piece, methods=["POST"]),
                Route(
                    f"{_BASE}/sedaMessages/sequence:ArchiveTransfer/message:{{name}}"
                    "/originOrganizationIdentification:{agency}/originMessageIdentifier:{number}",
                    self._said,
                    methods=["GET"],
                ),
            ]
        )
        self._inner = httpx.ASGITransport(app=self.app)

    def client(self, password: str = PASSWORD) -> Asalae:
        """A client of ours that asks it."""
        return Asalae(DEPOSITING, LOGIN, SecretStr(password), transport=self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers one request, or does not."""
        self.asked.append(f"{request.method} {request.url.path.removeprefix(_BASE)}")
        fault = self.fault(request)
        if fault is Fault.AWAY:
            raise httpx.ConnectError("nobody is there", request=request)
        if fault is Fault.BEFORE:
            return _fails(request, 500, "Erreur interne")
        if fault is Fault.OBJECTS:
            return _fails(request, 400, "Le bordereau n'est pas valide")
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        hashed = hashlib.sha256(PASSWORD.encode()).hexdigest()
        if scheme != "Basic" or b64decode(said) != f"{LOGIN}:{hashed}".encode():
            return _fails(request, 401, "Authentification requise")
        answer = await self._inner.handle_async_request(request)
        if fault is Fault.SILENT:
            raise httpx.ReadTimeout("no answer", request=request)
        return _fails(request, 500, "") if fault is Fault.AFTER else answer

    # What the archive does.

    def sent(self, transfer: str) -> int:
        """How often a transfer came, whole or not."""
        return sum(taken.transfer == transfer for taken in self.taken)

    def acknowledge(self, transfer: str) -> None:
        """Its own job acknowledges what it has."""
        self.acknowledgements[transfer] = an_acknowledgement(transfer)

    def answer(self, transfer: str, code: str, comment: str = "") -> None:
        """Its archivist accepts, or refuses."""
        self.replies[transfer] = an_answer(transfer, code, comment)

    # Its web services.

    async def _message(self, request: Request) -> Response:
        async with request.form() as form:
            message, attachments = form["seda_message"], form.get("attachments")
            assert isinstance(message, UploadFile)
            manifest = await message.read()
            octets = await attachments.read() if isinstance(attachments, UploadFile) else None
            in_pieces = form.get("send_chunked_attachments") == "true"
        taken = Taken(parse(manifest).findtext("{*}MessageIdentifier", ""), manifest)
        if octets is not None:
            if len(octets) > CHUNK:
                return JSONResponse("Fichier trop volumineux", 413)
            taken.pieces[1] = octets
        elif not in_pieces:
            return JSONResponse("Aucune pièce jointe", 400)
        self.taken.append(taken)
        if not in_pieces or not self.takes_pieces:
            self._came(taken)
            return JSONResponse("ok")
        session = {"session": len(self.taken), "security": f"s{len(self.taken)}"}
        return JSONResponse({f"chunk_{name}_identifier": one for name, one in session.items()})

    async def _piece(self, request: Request) -> Response:
        async with request.form() as form:
            said = {name: value for name, value in form.items() if isinstance(value, str)}
            content = form["chunk_content"]
            assert isinstance(content, UploadFile)
            octets = await content.read()
        session = int(said["session_identifier"])
        if said["security_identifier"] != f"s{session}" or said["file_name"] != ATTACHMENTS:
            return JSONResponse("Session inconnue", 403)
        taken = self.taken[session - 1]
        taken.pieces_expected = int(said["number_of_chunks"])
        taken.pieces[int(said["chunk_index"])] = octets
        self._came(taken)
        return JSONResponse("ok")

    async def _said(self, request: Request) -> Response:
        if request.path_params["agency"] != ARCHIVE.transferring:
            return JSONResponse("Service versant inconnu", 404)
        messages = {
            "Acknowledgement": self.acknowledgements,
            "ArchiveTransferReply": self.replies,
        }[request.path_params["name"]]
        found = messages.get(request.path_params["number"])
        if found is None:
            return JSONResponse(NOT_YET, 500)
        return Response(found, media_type="application/xml")

    def _came(self, taken: Taken) -> None:
        if taken.whole and self.acknowledges:
            self.acknowledge(taken.transfer)


def _fails(request: httpx.Request, status: int, said: str) -> httpx.Response:
    stream = httpx.ByteStream(orjson.dumps(said))
    return httpx.Response(status, stream=stream, request=request)
