"""Somebody of the story at their browser: signed in, to see the one-time code that a command asks.

The local account of a demo site chooses whom it is, as a visitor of the demo does.
"""

import re
from html import unescape
from typing import Final

import httpx

from deploy.demo.running import DemoError, Running
from services.desk.domain.acts import Act

_HIDDEN: Final = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')
_CODE: Final = re.compile(r'<code id="code">([A-Z0-9-]+)</code>')


async def one_time_code(running: Running, person: str, act: Act, about: str) -> str:
    """The code that this person's session shows for an act. DemoError when the pages show none."""
    base = f"http://127.0.0.1:{running.run['http_ports']['desk']}"
    async with httpx.AsyncClient(base_url=base, follow_redirects=True, timeout=60) as browser:
        await _send(browser, "/connexion", "/connexion/mot-de-passe", secret=running.password)
        await _send(browser, "/connexion/agir-comme", "/connexion/agir-comme", personne=person)
        page = await _send(browser, "/code", "/code", act=act.value, about=about)
    found = _CODE.search(page)
    if found is None:
        raise DemoError(f"The pages show {person} no code for {act} {about}.")
    return found[1]


async def _send(browser: httpx.AsyncClient, page: str, action: str, **typed: str) -> str:
    """Opens a page and sends its form, as a browser does; the page after."""
    shown = await browser.get(page)
    hidden = {name: unescape(value) for name, value in _HIDDEN.findall(shown.text)}
    origin = str(browser.base_url).rstrip("/")
    answer = await browser.post(action, data={**hidden, **typed}, headers={"origin": origin})
    if answer.is_error:
        raise DemoError(f"{action} answered {answer.status_code}.")
    return answer.text
