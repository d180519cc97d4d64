"""Pastell's REST API v2 as far as letters need it, on ASGI, which does wrong what its test says.

Facts of libriciel/pastell (api/, module/ls-document-pdf): statuses, shapes, which action follows.
"""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.desk.parapheur.pastell import Pastell
from shared.site.tables.identity import Parapheur

PLACE: Final = Parapheur(
    url="https://pastell.prefecture.example", entity=12, circuit="Courrier préfecture"
)
LOGIN: Final = "vaguemestre"
PASSWORD: Final = "un-mot-de-passe"
ON_ITS_WAY: Final = (
    "preparation-transformation",
    "transformation",
    "preparation-send-iparapheur",
    "send-iparapheur",
)
"""What follows « orientation », each by a job of Pastell; the last one waits for its signature."""
_BASE: Final = "/api/v2/entite/12"


def signed(document: bytes) -> bytes:
    """A PDF with what a signature adds behind it."""
    return document + b"\n9 0 obj << /Type /Sig /ByteRange [0 10 20 30] >> endobj\n%%EOF\n"


class Fault(StrEnum):
    """The ways in which an answer may go wrong."""

    AWAY = "away"
    """Nobody is there: nothing is done."""
    BEFORE = "before"
    """500, and nothing is done."""
    OBJECTS = "objects"
    """400, as of whatever breaks behind it, and nothing is done."""
    AFTER = "after"
    """It is done, and answered by 500."""
    SILENT = "silent"
    """It is done, and never answered."""


@dataclass
class PastellFile:
    """A file (document) there, with what happened to it."""

    type: str
    data: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    annexes: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    actions: list[str] = field(default_factory=lambda: ["creation"])

    @property
    def last(self) -> str:
        """The last action."""
        return self.actions[-1]

    @property
    def title(self) -> str:
        """As lists show it."""
        return str(self.data.get("libelle") or self.data.get("objet", ""))


@dataclass
class FakePastell(httpx.AsyncBaseTransport):
    """The server, and the network before it; `fault` says what goes wrong with a request."""

    fault: Callable[[httpx.Request], Fault | None] = lambda _: None
    of_annexes: int = 201
    """What it says of a file beside a letter."""
    several: ClassVar = "annexe"
    documents: dict[str, PastellFile] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        at = f"{_BASE}/document"
        one = f"{at}/{{id_d}}"
        routes = [
            Route(at, self._list, methods=["GET"]),
            Route(at, self._create, methods=["POST"]),
            Route(one, self._detail, methods=["GET"]),
            Route(one, self._modify, methods=["PATCH"]),
            Route(one, self._delete, methods=["DELETE"]),
            Route(f"{one}/externalData/{{field}}", self._choose, methods=["PATCH"]),
            Route(f"{one}/file/{{field}}", self._file, methods=["GET"]),
            Route(f"{one}/file/{{field}}", self._upload, methods=["POST"]),
            Route(f"{one}/file/{{field}}/{{number:int}}", self._annex, methods=["POST"]),
            Route(f"{one}/action/{{action}}", self._act, methods=["POST"]),
        ]
        self.app = Starlette(routes=routes)
        self._inner = httpx.ASGITransport(app=self.app)

    def is_whole(self, file: PastellFile) -> bool:
        """Whether a file has all that its type asks for."""
        asked = {"libelle", "envoi_signature", "iparapheur_sous_type"}
        return asked <= file.data.keys() and "document" in file.files

    def client(self, password: str = PASSWORD) -> Pastell:
        """A client of ours that asks it."""
        return Pastell(PLACE, LOGIN, SecretStr(password), transport=self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers one request, or does not."""
        self.asked.append(f"{request.method} {request.url.path.removeprefix(_BASE)}")
        fault = self.fault(request)
        if fault is Fault.AWAY:
            raise httpx.ConnectError("nobody is there", request=request)
        if fault is Fault.BEFORE:
            return httpx.Response(500, request=request)
        if fault is Fault.OBJECTS:
            return httpx.Response(400, json={"status": "error"}, request=request)
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        if scheme != "Basic" or b64decode(said) != f"{LOGIN}:{PASSWORD}".encode():
            return httpx.Response(401, json={"status": "error"}, request=request)
        answer = await self._inner.handle_async_request(request)
        if fault is Fault.SILENT:
            raise httpx.ReadTimeout("no answer", request=request)
        return httpx.Response(500, request=request) if fault is Fault.AFTER else answer

    # What people do there.

    def sent(self, reference: str) -> int:
        """How often a letter was given to its circuit."""
        return sum(
            file.actions.count("orientation")
            for file in self.documents.values()
            if reference in file.title
        )

    def pass_on(self, reference: str) -> None:
        """The jobs of Pastell do their work, minutes apart, up to the parapheur."""
        file = self._titled(reference)
        for action in ON_ITS_WAY[ON_ITS_WAY.index(file.last) + 1 :]:
            file.actions.append(action)
        file.data["iparapheur_dossier_id"] = f"Courrier {reference}"

    def sign(self, reference: str, *names: str, document: bytes | None = None) -> None:
        """Somebody signs it, and Pastell fetches it from the parapheur."""
        file = self._titled(reference)
        if file.last in ON_ITS_WAY:
            self.pass_on(reference)
        original = file.files.setdefault("document_original", file.files["document"])
        file.files["document"] = signed(original) if document is None else document
        steps = "".join(
            f"<LogDossier><timestamp>2026-05-12T08:00:00</timestamp><nom>{name}</nom>"
            f"<status>Signe</status><annotation/></LogDossier>"
            for name in names
        )
        history = f"<iparapheur_historique>{steps}</iparapheur_historique>"
        file.files["iparapheur_historique"] = history.encode()
        file.data |= {
            "has_signature": "1",
            "document_original": ["lettre_orig.pdf"],
            "iparapheur_historique": ["iparapheur_historique.xml"],
        }
        file.actions += ["recu-iparapheur", "termine"]

    def refuse(self, reference: str, reason: str) -> None:
        """Somebody refuses to sign it."""
        file = self._titled(reference)
        said = f"12/05/2026 10:03:33 : [RejetSignataire] {reason}"
        file.data["parapheur_last_message"] = said
        self.pass_on(reference)
        file.actions.append("rejet-iparapheur")

    def act(self, reference: str, *actions: str) -> None:
        """Anything else happens to it."""
        self._titled(reference).actions.extend(actions)

    def lose(self, reference: str) -> None:
        """Somebody deletes it."""
        self.documents = {
            id_: file for id_, file in self.documents.items() if reference not in file.title
        }

    def _titled(self, reference: str) -> PastellFile:
        (file,) = [file for file in self.documents.values() if reference in file.title]
        return file

    # The API.

    async def _list(self, request: Request) -> Response:
        asked = request.query_params
        return JSONResponse(
            [
                {"id_d": id_, "titre": file.title, "type": file.type, "last_action": file.last}
                for id_, file in self.documents.items()
                if file.type == asked["type"] and asked.get("search", "") in file.title
            ]
        )

    async def _create(self, request: Request) -> Response:
        type_ = dict(parse_qsl((await request.body()).decode()))["type"]
        id_ = f"Zd{len(self.documents):05d}"
        self.documents[id_] = PastellFile(type_)
        return JSONResponse({**self._told(id_), "id_d": id_}, 201)

    def _told(self, id_: str) -> dict[str, Any]:
        file = self.documents[id_]
        data = {**file.data, **({"document": ["lettre.pdf"]} if "document" in file.files else {})}
        return {"info": {"id_d": id_}, "data": data, "last_action": {"action": file.last}}

    def _of(self, request: Request) -> PastellFile | None:
        return self.documents.get(request.path_params["id_d"])

    async def _detail(self, request: Request) -> Response:
        if self._of(request) is None:
            return _wrong(404)
        return JSONResponse(self._told(request.path_params["id_d"]))

    def _modified(self, request: Request, status: int = 200) -> Response:
        file = self.documents[request.path_params["id_d"]]
        file.actions.append("modification")
        whole = int(self.is_whole(file))
        told = {"content": self._told(request.path_params["id_d"]), "formulaire_ok": whole}
        return JSONResponse({**told, "result": "ok", "message": ""}, status)

    async def _modify(self, request: Request) -> Response:
        file = self._of(request)
        if file is None or file.last not in {"creation", "modification"}:
            return _wrong(404 if file is None else 400)
        file.data |= dict(parse_qsl((await request.body()).decode()))
        return self._modified(request)

    async def _choose(self, request: Request) -> Response:
        file = self._of(request)
        if file is None or file.last not in {"creation", "modification"}:
            return _wrong(404 if file is None else 400)
        file.data |= dict(parse_qsl((await request.body()).decode()))
        return self._modified(request)

    async def _upload(self, request: Request) -> Response:
        file = self._of(request)
        if file is None or file.last not in {"creation", "modification"}:
            return _wrong(404 if file is None else 400)
        async with request.form() as form:
            content = form["file_content"]
            assert not isinstance(content, str)
            file.files[request.path_params["field"]] = await content.read()
        return self._modified(request, 201)

    async def _annex(self, request: Request) -> Response:
        """One of several files of a field, at its number."""
        file = self._of(request)
        several = request.path_params["field"] == self.several
        if self.of_annexes >= 400:
            return _wrong(self.of_annexes)
        if file is None or not several or file.last not in {"creation", "modification"}:
            return _wrong(404 if file is None else 400)
        async with request.form() as form:
            content, number = form["file_content"], request.path_params["number"]
            assert not isinstance(content, str)
            file.annexes[number] = (str(form["file_name"]), await content.read())
        return self._modified(request, 201)

    def annexes(self, reference: str) -> list[tuple[str, bytes]]:
        """What was given beside a letter, in its order."""
        return [annex for _, annex in sorted(self._titled(reference).annexes.items())]

    async def _act(self, request: Request) -> Response:
        file = self._of(request)
        if file is None:
            return _wrong(404)
        allowed = request.path_params["action"] == "orientation" and self.is_whole(file)
        if not allowed or file.last not in {"creation", "modification"}:
            return _wrong(400)
        file.actions += ["orientation", ON_ITS_WAY[0]]
        return JSONResponse({"result": True, "message": ""}, 201)

    async def _file(self, request: Request) -> Response:
        file = self._of(request)
        found = None if file is None else file.files.get(request.path_params["field"])
        return _wrong(404) if found is None else Response(found, media_type="application/pdf")

    async def _delete(self, request: Request) -> Response:
        file = self._of(request)
        if file is None:
            return _wrong(404)
        # Whatever its last action is: the rule of « supression » is for its pages.
        del self.documents[request.path_params["id_d"]]
        return Response(status_code=204)


def _wrong(status: int) -> Response:
    return JSONResponse({"status": "error", "error-message": "Non"}, status)
