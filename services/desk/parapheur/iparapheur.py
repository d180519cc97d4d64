"""i-Parapheur 5, asked by its own REST API: a second connector, where there is no Pastell.

    find by our reference → a draft with PDF and circuit → its id is stored here → its start

Its lists are pages of one state each, and may not hold all that is in a circuit: so nothing begins
its circuit before its id is a row of ours. What is lost between is a draft, which nothing sends.
Facts of the protocol are those of its public client and of Pastell's connector
(docs/decisions/0183).
"""

import asyncio
import io
import time
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any, Final

import httpx
from pydantic import SecretStr

from services.desk.parapheur import premis
from services.desk.parapheur.answers import (
    MOST_PDF,
    NOT_THERE,
    TooLarge,
    ask,
    ask_json,
    id_of,
)
from services.desk.parapheur.premis import ENDS_REFUSED, ENDS_SIGNED, PremisFolder
from services.desk.parapheur.signature_book import (
    BookAnswer,
    BookAway,
    BookRefuses,
    BookUnsure,
    LetterToSign,
    NoteRemote,
    RefusedThere,
    RemoteId,
    SignedThere,
    StillThere,
)
from services.desk.remote_client import RemoteClient
from shared.site.tables.identity import IParapheur

TOKEN: Final = "/auth/realms/api/protocol/openid-connect/token"  # noqa: S105  (an address)
CLIENT: Final = "ipcore-web"
"""Under which programs sign in there with an account (OAuth 2, by password)."""
EARLIER: Final = 30.0
"""Seconds before its end at which a token is asked for anew."""
DRAFTS: Final = ("DRAFT",)
"""The list of what is not started."""
LISTS: Final = ("DRAFT", "REJECTED", "PENDING", "DOWNSTREAM", "RETRIEVABLE", "FINISHED")
"""States in which a folder of our desk may be listed."""
PAGE: Final = 50
MOST_PAGES: Final = 20
"""Of one list, newest first: who looks for a letter gave it within days."""
NO_DESK: Final = "no-desk"
"""Code of an entity or desk of the site's file that does not exist there."""
NOT_STARTED: Final = "not-started"
"""Code of a folder that is there and not in its circuit: never started, or taken back there."""
MOST_ZIP: Final = MOST_PDF + 20 * 1024 * 1024
"""The signed letter, its annexes (10 MB at most), and what i-Parapheur adds of its own."""
_MAINS: Final = "Documents principaux/"
_REFUSED_ACCOUNT: Final = frozenset({"http-400", "http-401", "http-403"})


class IParapheurBook(RemoteClient):
    """A client of i-Parapheur 5 for one desk of one entity; `async with` closes it."""

    def __init__(
        self,
        place: IParapheur,
        login: str,
        password: SecretStr,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._place = place
        self._login, self._password = login, password
        self._token, self._until = "", 0.0
        self._desk = f"/api/standard/v1/tenant/{place.tenant}/desk/{place.desk}"
        super().__init__(place.url.rstrip("/"), place.timeout_seconds, transport)

    async def send(
        self,
        letter: LetterToSign,
        before: RemoteId | None = None,
        noted: NoteRemote | None = None,
    ) -> RemoteId:
        """Gives a letter to its signature circuit; returns its id there. Raises BookRefuses.

        `noted` is told the id before the circuit begins, and may refuse that it does.
        """
        remote = before
        if remote is None:
            found = await self._find(letter.reference)
            remote = found[0] if found else await self._create(letter)
            if noted is not None:
                await noted(remote)
        folder = await self._folder(remote)
        if letter.reference not in folder.name:
            raise BookRefuses(NOT_THERE)
        if folder.started and remote not in await self._find(letter.reference, DRAFTS):
            return remote
        if folder.start is None:
            raise BookRefuses(NOT_STARTED)
        task = id_of(folder.start.task)
        params = {"publicAnnotation": "", "privateAnnotation": ""}
        await self._ask("PUT", f"/folder/{remote}/task/{task}/start", json=params)
        return remote

    async def look(self, remote: RemoteId) -> BookAnswer:
        """Asks what became of a letter; fetches a signed one, and who signed.

        Raises BookRefuses when it is not there, or not in its circuit.
        """
        folder = await self._folder(remote)
        if folder.last == ENDS_REFUSED:
            return RefusedThere(folder.refusal)
        if folder.last == ENDS_SIGNED and not folder.to_sign:
            packed = await self._ask("GET", f"/folder/{remote}/zip", most=MOST_ZIP)
            document = await asyncio.to_thread(_main_of, packed, folder.mains)
            return SignedThere(document, folder.signers)
        if not folder.started:
            raise BookRefuses(NOT_STARTED)
        return StillThere()

    async def withdraw(self, reference: str, before: RemoteId | None = None) -> bool:
        """Deletes a letter unless it is in its circuit or was signed; returns whether it is gone.

        One that was given and is not there any more may have been signed: not gone.
        """
        gone = True
        for remote in [before] if before is not None else await self._find(reference):
            try:
                folder = await self._folder(remote)
                if reference not in folder.name:
                    gone = False
                elif (
                    folder.last == ENDS_REFUSED
                    or not folder.started
                    or remote in await self._find(reference, DRAFTS)
                ):
                    await self._ask("DELETE", f"/folder/{remote}")
                else:
                    gone = False
            except BookUnsure:
                raise  # it may answer otherwise a little later: nothing is said of the letter yet
            except BookRefuses as refusal:
                gone = gone and str(refusal) == NOT_THERE and remote != before
        return gone

    async def _find(self, reference: str, lists: Sequence[str] = LISTS) -> Sequence[RemoteId]:
        """The folders whose name has our reference, those that are on their way first."""
        found: list[RemoteId] = []
        for state in reversed(lists):
            for page in range(MOST_PAGES):
                said = await self._list(state, page)
                rows = [row for row in said.get("content") or () if isinstance(row, dict)]
                named = [row for row in rows if reference in str(row.get("name", ""))]
                found += [id_of(row.get("id")) for row in named]
                if len(rows) < PAGE:
                    break
        return list(dict.fromkeys(found))

    async def _list(self, state: str, page: int) -> dict[str, Any]:
        params = {"page": str(page), "size": str(PAGE), "sort": "CREATION_DATE,desc"}
        try:
            return await self._json("GET", f"/{state}", params=params)
        except BookRefuses as refusal:
            if str(refusal) == NOT_THERE:
                raise BookRefuses(NO_DESK) from None
            raise

    async def _create(self, letter: LetterToSign) -> RemoteId:
        """A draft with its name, PDF and circuit, all in one question."""
        name = f"{letter.title.replace(' ', '-')}.pdf"
        title = f"{letter.title} [{letter.reference}]"
        annexes = [annex.name for annex in letter.annexes]
        told = premis.write_folder(title, self._place.type, letter.circuit, name, annexes)
        files = [
            ("folder", ("folder.xml", told, "application/xml")),
            ("documents", (name, letter.document, "application/pdf")),
            *(
                ("documents", (annex.name, annex.octets, annex.media_type))
                for annex in letter.annexes
            ),
        ]
        made = await self._json("POST", "/folder", params={"autoStart": "false"}, files=files)
        return id_of(made.get("id"))

    async def _folder(self, remote: RemoteId) -> PremisFolder:
        try:
            return premis.read_folder(await self._ask("GET", f"/folder/{remote}/premis"))
        except TooLarge:
            raise BookAway("protocol") from None

    async def _json(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        headers = await self._signed_in()
        said = await ask_json(self._client, method, self._desk + path, headers=headers, **more)
        if not isinstance(said, dict):
            raise BookAway("protocol")
        return said

    async def _ask(self, method: str, path: str, **more: Any) -> bytes:
        headers = await self._signed_in()
        return await ask(self._client, method, self._desk + path, headers=headers, **more)

    async def _signed_in(self) -> dict[str, str]:
        """The header with a token; an account that is refused is mended by somebody: away."""
        if not self._token or time.monotonic() >= self._until:
            form = {
                "grant_type": "password",
                "client_id": CLIENT,
                "username": self._login,
                "password": self._password.get_secret_value(),
            }
            try:
                said = await ask_json(self._client, "POST", TOKEN, data=form)
            except BookRefuses as refusal:
                raise BookAway(_account(str(refusal))) from None
            token = said.get("access_token") if isinstance(said, dict) else None
            if not isinstance(token, str) or not token.isascii() or not token.isprintable():
                raise BookAway("protocol")
            lasts = said.get("expires_in")
            seconds = lasts if isinstance(lasts, int) else 0
            self._token, self._until = token, time.monotonic() + seconds - EARLIER
        return {"Authorization": f"Bearer {self._token}"}


def _account(code: str) -> str:
    """Keycloak says 400 or 401 of an account that it does not take."""
    return "http-401" if code in _REFUSED_ACCOUNT else code


def _main_of(packed: bytes, mains: Sequence[str]) -> bytes:
    """The one main document of a folder's ZIP. Raises BookRefuses: too large, none or several."""
    if len(mains) != 1:
        raise BookRefuses("several")
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as folder:
            named = [row for row in folder.infolist() if _base(row.filename) == mains[0]]
            named.sort(key=lambda row: _MAINS not in row.filename)
            if not named:
                raise BookAway("protocol")
            with folder.open(named[0]) as file:
                document = file.read(MOST_PDF + 1)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError,
            EOFError, ValueError, zlib.error):  # fmt: skip
        raise BookAway("protocol") from None
    if len(document) > MOST_PDF:
        raise TooLarge("too-large")
    return document


def _base(name: str) -> str:
    return name.rpartition("/")[2]
