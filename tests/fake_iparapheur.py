"""i-Parapheur's REST API 5 as far as letters need it, on ASGI, which does wrong what its test says.

Written from the facts of libriciel/iparapheur-v5-api-php (its OpenAPI) and of the answers with
which libriciel/pastell tests its connector.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.desk.parapheur.iparapheur import IParapheurBook
from shared.site.tables.identity import IParapheur
from tests.fake_pastell import LOGIN, PASSWORD, Fault, signed

PLACE: Final = IParapheur(
    url="https://iparapheur.prefecture.example",
    tenant="11111111-0000-4000-8000-000000000000",
    desk="22222222-0000-4000-8000-000000000000",
    type="PAdES",
    circuit="Courrier préfecture",
)
TOKEN: Final = "/auth/realms/api/protocol/openid-connect/token"
_DESK: Final = f"/api/standard/v1/tenant/{PLACE.tenant}/desk/{PLACE.desk}"
_P: Final = "{http://www.loc.gov/premis/v3}"
_HEAD: Final = (
    '<premis xmlns="http://www.loc.gov/premis/v3"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.0">'
)


@dataclass
class Task:
    """A task of a folder: done at a moment, or waited for."""

    id: str
    kind: str
    at: str = ""
    user: str = ""
    note: str = ""


@dataclass
class Folder:
    """A folder there, with its tasks."""

    name: str
    properties: dict[str, str]
    files: dict[str, bytes]
    tasks: list[Task]
    annexes: dict[str, bytes] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The list in which its own desk finds it."""
        last = self.tasks[-1].kind
        named = {"START": "DRAFT", "ARCHIVE": "FINISHED", "DELETE": "REJECTED"}
        return named.get(last, "DOWNSTREAM")


@dataclass
class FakeIParapheur(httpx.AsyncBaseTransport):
    """The server, and the network before it; `fault` says what goes wrong with a request."""

    fault: Callable[[httpx.Request], Fault | None] = lambda _: None
    documents: dict[str, Folder] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    hidden: bool = False
    """Its lists show drafts alone."""
    starts: list[str] = field(default_factory=list)
    """Names of the folders that began their circuit, once for each time."""
    token: str = "un-jeton-1"
    expires_in: int = 900
    told: bytes | None = None
    """Of any folder, instead of its history."""
    zipped: bytes | None = None
    """Of any folder, instead of its ZIP."""

    def __post_init__(self) -> None:
        one = f"{_DESK}/folder/{{id}}"
        routes = [
            Route(TOKEN, self._sign_in, methods=["POST"]),
            Route(f"{_DESK}/folder", self._create, methods=["POST"]),
            Route(one, self._delete, methods=["DELETE"]),
            Route(f"{one}/premis", self._premis, methods=["GET"]),
            Route(f"{one}/zip", self._zip, methods=["GET"]),
            Route(f"{one}/task/{{task}}/start", self._start, methods=["PUT"]),
            Route(f"{_DESK}/{{state}}", self._list, methods=["GET"]),
        ]
        self._inner = httpx.ASGITransport(app=Starlette(routes=routes))

    def client(self, password: str = PASSWORD) -> IParapheurBook:
        """A client of ours that asks it."""
        return IParapheurBook(PLACE, LOGIN, SecretStr(password), transport=self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers one request, or does not."""
        self.asked.append(f"{request.method} {request.url.path.removeprefix(_DESK)}")
        fault = self.fault(request)
        if fault is Fault.AWAY:
            raise httpx.ConnectError("nobody is there", request=request)
        if fault is Fault.BEFORE:
            return httpx.Response(500, request=request)
        if fault is Fault.OBJECTS:
            return httpx.Response(400, json={"message": "Non"}, request=request)
        bearer = request.headers.get("authorization")
        if request.url.path != TOKEN and bearer != f"Bearer {self.token}":
            return httpx.Response(401, request=request)
        answer = await self._inner.handle_async_request(request)
        if fault is Fault.SILENT:
            raise httpx.ReadTimeout("no answer", request=request)
        return httpx.Response(500, request=request) if fault is Fault.AFTER else answer

    # What people do there.

    def sent(self, reference: str) -> int:
        """How often a letter was given to its circuit."""
        return len([name for name in self.starts if reference in name])

    def sign(self, reference: str, *names: str, document: bytes | None = None) -> None:
        """Somebody signs it."""
        folder = self._named(reference)
        (name,) = folder.files
        original = folder.files[name]
        folder.files[name] = signed(original) if document is None else document
        waits = folder.tasks.pop()
        assert waits.kind == "SIGNATURE"
        folder.tasks += [self._done("SIGNATURE", user=name) for name in names or ("",)]
        folder.tasks.append(self._task("ARCHIVE"))

    def refuse(self, reference: str, reason: str) -> None:
        """Somebody refuses to sign it."""
        folder = self._named(reference)
        folder.tasks.pop()
        folder.tasks += [self._done("REJECT", note=reason), self._task("DELETE")]

    def undo(self, reference: str) -> None:
        """Somebody takes it back into the drafts of the desk."""
        folder = self._named(reference)
        folder.tasks = [self._task("START")]

    def lose(self, reference: str) -> None:
        """Somebody deletes it."""
        rows = self.documents.items()
        self.documents = {id_: folder for id_, folder in rows if reference not in folder.name}

    def _named(self, reference: str) -> Folder:
        (folder,) = [folder for folder in self.documents.values() if reference in folder.name]
        return folder

    def _task(self, kind: str) -> Task:
        count = sum(len(folder.tasks) for folder in self.documents.values())
        return Task(f"task-{count}-{kind}", kind)

    def _done(self, kind: str, user: str = "", note: str = "") -> Task:
        task = self._task(kind)
        task.at, task.user, task.note = "2026-05-12T08:00:00.000+0200", user, note
        return task

    # The API.

    async def _sign_in(self, request: Request) -> Response:
        asked = dict(parse_qsl((await request.body()).decode()))
        wanted = {"grant_type": "password", "client_id": "ipcore-web", "username": LOGIN}
        if asked != wanted | {"password": PASSWORD}:
            return JSONResponse({"error": "invalid_grant"}, 401)
        return JSONResponse({"access_token": self.token, "expires_in": self.expires_in})

    async def _list(self, request: Request) -> Response:
        state, asked = request.path_params["state"], request.query_params
        if self.hidden and state != "DRAFT":
            return JSONResponse({"content": []})
        rows: list[dict[str, object]] = [
            {"id": id_, "name": folder.name, "dueDate": None, "metadata": {}}
            for id_, folder in reversed(self.documents.items())
            if folder.state == state
        ]
        first = int(asked["page"]) * int(asked["size"])
        return JSONResponse({"content": rows[first : first + int(asked["size"])]})

    async def _create(self, request: Request) -> Response:
        async with request.form() as form:
            told, files = form["folder"], form.getlist("documents")
            assert not isinstance(told, str)
            root = ET.fromstring(await told.read())  # noqa: S314  (ours)
            contents = {
                str(file.filename): await file.read() for file in files if not isinstance(file, str)
            }
        entity, document, *annexes = root.findall(f"{_P}object")
        named = document.findtext(f"{_P}originalName")
        told_names = [str(row.findtext(f"{_P}originalName")) for row in (document, *annexes)]
        mains = [
            row.findtext(f"{_P}significantProperties/{_P}significantPropertiesValue")
            for row in (document, *annexes)
        ]
        whole = told_names == list(contents) and mains == ["true", *["false"] * len(annexes)]
        if not whole or request.query_params["autoStart"] != "false":
            return JSONResponse({"message": "Non"}, 400)
        content = contents.pop(str(named))
        properties = {
            str(row.findtext(f"{_P}significantPropertiesType")): str(
                row.findtext(f"{_P}significantPropertiesValue")
            )
            for row in entity.findall(f"{_P}significantProperties")
        }
        id_ = f"{len(self.documents):08d}-0000-4000-8000-000000000000"
        name = str(entity.findtext(f"{_P}originalName"))
        self.documents[id_] = Folder(name, properties, {str(named): content}, [self._task("START")])
        self.documents[id_].annexes = contents
        return JSONResponse({"id": id_, "name": name, "dueDate": None, "metadata": {}}, 201)

    def annexes(self, reference: str) -> list[tuple[str, bytes]]:
        """What was given beside a letter."""
        return list(self._named(reference).annexes.items())

    def _of(self, request: Request) -> Folder | None:
        return self.documents.get(request.path_params["id"])

    async def _premis(self, request: Request) -> Response:
        folder = self._of(request)
        if folder is None:
            return Response(status_code=404)
        told = _told(folder) if self.told is None else self.told
        return Response(told, media_type="application/xml")

    async def _start(self, request: Request) -> Response:
        folder = self._of(request)
        if folder is None:
            return Response(status_code=404)
        if folder.state != "DRAFT" or folder.tasks[-1].id != request.path_params["task"]:
            return Response(status_code=400)
        folder.tasks = [self._done("START"), self._done("READ"), self._task("SIGNATURE")]
        self.starts.append(folder.name)
        return Response(status_code=200)

    async def _zip(self, request: Request) -> Response:
        folder = self._of(request)
        if folder is None:
            return Response(status_code=404)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(f"{folder.name}_bordereau.pdf", b"%PDF-1.7 le bordereau")
            for name, content in folder.files.items():
                archive.writestr(f"Annexes/{name}", b"%PDF-1.7 du meme nom")
                archive.writestr(f"Documents principaux/{name}", content)
        content = packed.getvalue() if self.zipped is None else self.zipped
        return Response(content, media_type="application/octet-stream")

    async def _delete(self, request: Request) -> Response:
        folder = self._of(request)
        if folder is None:
            return Response(status_code=404)
        if folder.state == "DOWNSTREAM":
            return Response(status_code=409)
        del self.documents[request.path_params["id"]]
        return Response(status_code=204)


def _told(folder: Folder) -> str:
    """What it tells of a folder, as its own PREMIS."""
    kept = "".join(
        '<object xsi:type="file"><significantProperties><significantPropertiesType>'
        "i_Parapheur_reserved_mainDocument</significantPropertiesType>"
        "<significantPropertiesValue>true</significantPropertiesValue></significantProperties>"
        f"<originalName>{name}</originalName></object>"
        for name in folder.files
    )
    events = "".join(
        "<event><eventIdentifier><eventIdentifierType>taskId</eventIdentifierType>"
        f"<eventIdentifierValue>{task.id}</eventIdentifierValue></eventIdentifier>"
        f"<eventType>{task.kind}</eventType><eventDateTime>{task.at}</eventDateTime>"
        "<eventOutcomeInformation><eventOutcomeDetail><eventOutcomeDetailNote>"
        f"{task.note}</eventOutcomeDetailNote></eventOutcomeDetail></eventOutcomeInformation>"
        "<linkingAgentIdentifier><linkingAgentIdentifierType>userId</linkingAgentIdentifierType>"
        f"<linkingAgentIdentifierValue>{task.user and f'id-{task.user}'}"
        "</linkingAgentIdentifierValue><linkingAgentRole>Bureau</linkingAgentRole>"
        "</linkingAgentIdentifier></event>"
        for task in folder.tasks
    )
    users = dict.fromkeys(task.user for task in folder.tasks if task.user)
    agents = "".join(
        "<agent><agentIdentifier><agentIdentifierType>userId</agentIdentifierType>"
        f"<agentIdentifierValue>id-{user}</agentIdentifierValue></agentIdentifier>"
        f"<agentName>{user}</agentName></agent>"
        for user in users
    )
    entity = (
        f'<object xsi:type="intellectualEntity"><originalName>{folder.name}</originalName></object>'
    )
    return f"{_HEAD}{entity}{kept}{events}{agents}</premis>"
