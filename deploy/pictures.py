"""The pictures of README and guides, taken of a running demo: `make pictures PASSWORD=…`.

Needs:  `make demo KEEP=1` beside it (it shows the password), Debian's chromium, Pillow

Of the first chapter those of the README: docs/pictures/desk.png, the morning of the mail office,
and deadline.png, the limit of letter B counted day by day; and those of the guides of each role
(deploy/role_pictures.py). Of a demo with CHAPTER=2 those of the quality officer's guide (GUIDE
below). None weighs more than 60 kB. The neutral theme is that of the demo: the State's is not for a
picture (docs/decisions/0023).
"""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from deploy.role_pictures import SHOTS, follow_a_letter

DATA: Final = Path(".vaguemestre-demo")
INTO: Final = Path(__file__).parents[1] / "docs" / "pictures"
CLERK, LATE = "m.perrot", "36-2026-A-000004"
OFFICER: Final = "h.marchand"
GUIDE: Final[Mapping[str, tuple[str, int]]] = {
    "month": ("/chiffres/mois/2026-07", 900),
    "late": ("/chiffres/mois/2026-07/retards", 900),
    "label": ("/qualite/label", 900),
    "measure": ("/qualite/mesures/1", 900),
    "committee": ("/qualite/comite/reunions/1", 840),
    "invitations": ("/qualite/comite/reunions/1#invitations", 270),
    "week": ("/qualite/semaine", 900),
    "survey": ("/qualite/enquetes/1/resultats", 900),
    "places": ("/qualite/accueil", 840),
    "website": ("/qualite/site-internet", 840),
    "event": ("/evenement/2", 900),
}
"""Each page of the quality officer's guide, and how many pixels of it from its top, or its part."""
MOST_OCTETS: Final = 60_000
COLOURS: Final = 64
"""Enough for letters on a plain ground: a picture then weighs a third."""
WHITE, NEARLY_WHITE = 255, 222
"""Of 256 parts of light."""


def main() -> None:
    """Takes the pictures of a running demo. SystemExit with a sentence without one."""
    password, program = os.environ.get("PASSWORD", ""), shutil.which("chromium")
    if not (DATA / "run.json").exists() or not password or program is None:
        sys.exit("Run `make demo KEEP=1`, then `make pictures PASSWORD=…` as it shows.")
    ports = json.loads((DATA / "run.json").read_text(encoding="utf-8"))["http_ports"]
    home = f"http://127.0.0.1:{ports['desk']}"
    INTO.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=program, args=options)
        officer = signed_in(browser, home, password, OFFICER)
        if _is_second_chapter(officer):
            for name, (address, height) in GUIDE.items():
                _guide(officer, name, address, height)
        else:
            clerk = signed_in(browser, home, password, CLERK)
            _desk(clerk)
            _deadline(clerk)
            for shot in SHOTS:
                seen_by = signed_in(browser, home, password, shot.person)
                shot.take(seen_by, INTO / f"{shot.name}.png")
                lighter(INTO / f"{shot.name}.png", bleached=shot.bleached)
                seen_by.context.close()
            follow = INTO / "follow.png"
            follow_a_letter(browser, f"http://127.0.0.1:{ports['portal']}", follow)
            lighter(follow)
        browser.close()
    heavy = [path.name for path in INTO.glob("*.png") if path.stat().st_size > MOST_OCTETS]
    if heavy:
        sys.exit(f"More than {MOST_OCTETS // 1000} kB: {', '.join(heavy)}.")


def signed_in(browser: Browser, home: str, password: str, person: str) -> Page:
    """Opens a window of somebody of the demo; empty: of its administrator alone."""
    context = browser.new_context(
        base_url=home, viewport={"width": 1280, "height": 860}, locale="fr-FR"
    )
    page = context.new_page()
    page.goto("/connexion")
    page.fill("input[name=secret]", password)
    page.press("input[name=secret]", "Enter")
    if person:
        page.click(f"button[name=personne][value='{person}']")
    page.wait_for_load_state("networkidle")
    return page


def _is_second_chapter(page: Page) -> bool:
    """Whether the demo was played to its end: its first measure stands."""
    answer = page.goto("/qualite/mesures/1")
    return answer is not None and answer.ok


def _guide(page: Page, name: str, address: str, height: int) -> None:
    """The main part of a page from its top, or from the part that the address names."""
    page.set_viewport_size({"width": 1100, "height": height})
    path, _, part = address.partition("#")
    page.goto(path)
    begin = page.locator(f"#{part}" if part else "main")
    box = begin.bounding_box()
    top = 0 if box is None else box["y"]
    page.evaluate("top => scrollTo(0, top)", top)
    page.screenshot(path=INTO / f"{name}.png")
    lighter(INTO / f"{name}.png")


def _desk(page: Page) -> None:
    page.goto("/bureau")
    page.screenshot(path=INTO / "desk.png")
    lighter(INTO / "desk.png")


def _deadline(page: Page) -> None:
    page.set_viewport_size({"width": 760, "height": 900})
    page.goto(f"/courrier/{LATE}")
    clock = page.locator("article.clock", has=page.locator("ol.days"))
    clock.locator("details").first.evaluate("details => { details.open = true }")
    clock.screenshot(path=INTO / "deadline.png")
    lighter(INTO / "deadline.png")


def lighter(path: Path, *, bleached: bool = False) -> None:
    """Writes a picture anew with few colours; `bleached`: what is nearly white becomes white."""
    with Image.open(path) as picture:
        colours = picture.convert("RGB")
        if bleached:
            colours = colours.point(lambda part: WHITE if part >= NEARLY_WHITE else part)
        colours.quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()
