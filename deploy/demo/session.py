"""Somebody of the story at their browser, for what a page alone does: approving, closing a month.

The local account of a demo site chooses whom it is, as a visitor of the demo does.
"""

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from html import unescape
from typing import Final
from uuid import uuid4

import httpx

from deploy.demo.run import DemoError, Running

PDF: Final = "application/pdf"
_HIDDEN: Final = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')


class Visitor:
    """A browser on the demo's pages, signed in by the local account, that reads and sends forms."""

    def __init__(self, browser: httpx.AsyncClient) -> None:
        self._browser = browser

    @classmethod
    @asynccontextmanager
    async def at(cls, running: Running, person: str) -> AsyncIterator["Visitor"]:
        """Signs a person in on the demo's pages, for the block. Raises DemoError."""
        async with cls.signed_in(_home(running), running.password, person) as one:
            yield one

    @classmethod
    @asynccontextmanager
    async def signed_in(cls, home: str, password: str, person: str) -> AsyncIterator["Visitor"]:
        """Signs a person in at the address of a demo's pages, for the block. Raises DemoError."""
        async with cls._browsing(home) as one:
            await one.send("/connexion", "/connexion/mot-de-passe", secret=password)
            await one.send("/connexion/agir-comme", "/connexion/agir-comme", personne=person)
            yield one

    @classmethod
    @asynccontextmanager
    async def unknown(cls, running: Running) -> AsyncIterator["Visitor"]:
        """Opens a browser on the demo's pages in which nobody has signed in."""
        async with cls._browsing(_home(running)) as one:
            yield one

    @classmethod
    @asynccontextmanager
    async def _browsing(cls, home: str) -> AsyncIterator["Visitor"]:
        async with httpx.AsyncClient(base_url=home, follow_redirects=True, timeout=120) as browser:
            yield cls(browser)

    async def status(self, page: str) -> int:
        """Returns the HTTP status with which a page of the demo answers."""
        return (await self._browser.get(page)).status_code

    async def read(self, page: str) -> str:
        """Opens a page of the demo; returns its HTML text. Raises DemoError when refused."""
        return (await self._opened(page)).text

    async def octets(self, file: str) -> bytes:
        """Downloads a file from the demo's pages. Raises DemoError when it is refused."""
        return (await self._opened(file)).content

    async def send(self, page: str, action: str, /, **typed: str | Sequence[str]) -> str:
        """Opens a page of the demo and sends its form; returns the next page's HTML.

        Raises DemoError when it is refused.
        """
        return await self._post(action, {**await self._hidden(page), **typed})

    async def send_with(
        self, page: str, action: str, files: Mapping[str, bytes], /, **typed: str
    ) -> str:
        """Opens a page of the demo and sends its form with PDF files, by field name."""
        chosen = {name: (f"{name}.pdf", content, PDF) for name, content in files.items()}
        return await self._post(action, {**await self._hidden(page), **typed}, chosen)

    async def send_each(self, page: str, rows: Iterable[Mapping[str, str]]) -> AsyncIterator[str]:
        """Opens a page of the demo once and sends its form for each row; yields the next pages.

        Each is a decision of its own, as of somebody who types one sheet after the other.
        """
        hidden = await self._hidden(page)
        for row in rows:
            yield await self._post(page, {**hidden, "decision": str(uuid4()), **row})

    async def _hidden(self, page: str) -> Mapping[str, str]:
        return {name: unescape(value) for name, value in _HIDDEN.findall(await self.read(page))}

    async def _post(
        self,
        action: str,
        data: Mapping[str, str | Sequence[str]],
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> str:
        origin = {"origin": str(self._browser.base_url).rstrip("/")}
        answer = await self._browser.post(action, data=data, files=files, headers=origin)
        refusal = _refusal(answer.text)
        if answer.is_error or refusal:
            raise DemoError(f"{action} answered {answer.status_code}: {refusal}")
        return answer.text

    async def _opened(self, page: str) -> httpx.Response:
        answer = await self._browser.get(page)
        if answer.is_error:
            raise DemoError(f"{page} answered {answer.status_code}.")
        return answer


async def approve(running: Running, person: str, letters: Sequence[str]) -> None:
    """Signs a person in on the demo's pages and approves standard letters. Raises DemoError."""
    async with Visitor.at(running, person) as visitor:
        for letter in letters:
            page = f"/courriers-types/{letter}"
            await visitor.send(page, f"{page}/approuver")


def _home(running: Running) -> str:
    return f"http://127.0.0.1:{running.run['http_ports']['desk']}"


def _refusal(page: str) -> str:
    """What a page of ours says that was not done, in one line."""
    found = re.search(r'class="refusal".*?</div>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""
