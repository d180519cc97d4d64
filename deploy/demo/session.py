"""Somebody of the story at their browser, for what a page alone does: approving standard letters.

The local account of a demo site chooses whom it is, as a visitor of the demo does.
"""

import re
from collections.abc import Sequence
from html import unescape
from typing import Final

import httpx

from deploy.demo.run import DemoError, Running

_HIDDEN: Final = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')


async def approve(running: Running, person: str, letters: Sequence[str]) -> None:
    """Signs a person in on the demo's pages and approves standard letters. Raises DemoError."""
    base = f"http://127.0.0.1:{running.run['http_ports']['desk']}"
    async with httpx.AsyncClient(base_url=base, follow_redirects=True, timeout=60) as browser:
        await _send(browser, "/connexion", "/connexion/mot-de-passe", secret=running.password)
        await _send(browser, "/connexion/agir-comme", "/connexion/agir-comme", personne=person)
        for letter in letters:
            page = f"/courriers-types/{letter}"
            await _send(browser, page, f"{page}/approuver")


async def _send(browser: httpx.AsyncClient, page: str, action: str, **typed: str) -> str:
    """Opens a page and sends its form, as a browser does; the page after."""
    shown = await browser.get(page)
    hidden = {name: unescape(value) for name, value in _HIDDEN.findall(shown.text)}
    origin = str(browser.base_url).rstrip("/")
    answer = await browser.post(action, data={**hidden, **typed}, headers={"origin": origin})
    if answer.is_error:
        raise DemoError(f"{action} answered {answer.status_code}.")
    return answer.text
