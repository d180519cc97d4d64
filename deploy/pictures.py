"""The pictures of the README, taken of a running demo: `make pictures PASSWORD=…`.

Needs:  `make demo KEEP=1` beside it (it shows the password), Debian's chromium, Pillow

Writes docs/pictures/desk.png, the morning of the mail office, and docs/pictures/deadline.png, the
limit of letter B counted day by day. The neutral theme is that of the demo: the State's is not for
a picture (docs/decisions/0023).
"""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

DATA: Final = Path(".vaguemestre-demo")
INTO: Final = Path(__file__).parents[1] / "docs" / "pictures"
CLERK, LATE = "m.perrot", "36-2026-A-000004"
COLOURS: Final = 64
"""Enough for letters on a plain ground: a picture then weighs a third."""


def main() -> None:
    """Takes the README's pictures of a running demo. SystemExit with a sentence without one."""
    password, program = os.environ.get("PASSWORD", ""), shutil.which("chromium")
    if not (DATA / "run.json").exists() or not password or program is None:
        sys.exit("Run `make demo KEEP=1`, then `make pictures PASSWORD=…` as it shows.")
    port = json.loads((DATA / "run.json").read_text(encoding="utf-8"))["http_ports"]["desk"]
    INTO.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=program, args=options)
        page = _signed_in(browser, f"http://127.0.0.1:{port}", password)
        _desk(page)
        _deadline(page)
        browser.close()


def _signed_in(browser: Browser, home: str, password: str) -> Page:
    context = browser.new_context(
        base_url=home, viewport={"width": 1280, "height": 860}, locale="fr-FR"
    )
    page = context.new_page()
    page.goto("/connexion")
    page.fill("input[name=secret]", password)
    page.press("input[name=secret]", "Enter")
    page.click(f"button[name=personne][value='{CLERK}']")
    page.wait_for_load_state("networkidle")
    return page


def _desk(page: Page) -> None:
    page.goto("/bureau")
    page.screenshot(path=INTO / "desk.png")
    _lighter(INTO / "desk.png")


def _deadline(page: Page) -> None:
    page.set_viewport_size({"width": 760, "height": 900})
    page.goto(f"/courrier/{LATE}")
    clock = page.locator("article.clock", has=page.locator("ol.days"))
    clock.locator("details").first.evaluate("details => { details.open = true }")
    clock.screenshot(path=INTO / "deadline.png")
    _lighter(INTO / "deadline.png")


def _lighter(path: Path) -> None:
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()
