"""photos.js in a real browser: what it makes smaller, and that a form is always sent, once."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Request, Route

from tests.architecture.test_anatomy import PROJECT

SCRIPT = PROJECT / "services/portal/static/photos.js"
HOME = "http://portal.example/"
FORM = (
    '<form class="write" method="post" action="/formulaire" enctype="multipart/form-data">'
    '<input name="message"><input type="file" id="fichiers" name="fichiers">'
    '<button name="etape" value="envoi">Envoyer</button></form><script src="/photos.js"></script>'
)


@pytest.mark.parametrize("side", [None, 600, 4000], ids=["no file", "small", "large"])
async def test_a_form_is_sent_once_with_or_without_a_photo(
    chrome: Browser, tmp_path: Path, side: int | None
) -> None:
    sent: list[Request] = []

    async def answer(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request)
        body = SCRIPT.read_text() if route.request.url.endswith(".js") else FORM
        kind = "text/javascript" if route.request.url.endswith(".js") else "text/html"
        await route.fulfill(body=body, content_type=kind)

    page = await chrome.new_page()
    await page.route("**/*", answer)
    await page.goto(HOME)
    photo = tmp_path / "photo.jpg"
    if side is not None:
        Image.effect_noise((side, side), 60).save(photo, quality=90)
        await page.set_input_files("#fichiers", photo)
    await page.click("button")
    await page.wait_for_url("**/formulaire")
    (request,) = sent
    octets = request.post_data_buffer or b""
    assert b'name="etape"\r\n\r\nenvoi' in octets, "by the button that was pressed"
    if side == 4000:
        assert photo.stat().st_size > 5_000_000
        assert len(octets) < photo.stat().st_size
    await page.close()
