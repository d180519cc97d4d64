"""The pictures of the guides: the first page or main gesture of each role, of the demo's month."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page

SCREEN: Final = (1180, 760)
PAPER: Final = "/courrier/36-2026-A-000028"
"""A letter of the demo's month that nobody has answered yet."""
MESSAGE: Final = "L’accueil pourrait ouvrir un soir par semaine."


@dataclass(frozen=True)
class Shot:
    """Picture of a page as somebody of the demo sees it, from its top or from a part of it."""

    name: str
    person: str
    """Id of the person; empty: the administrator alone."""
    address: str
    size: tuple[int, int] = SCREEN
    """Pixels, width and height."""
    part: str = ""
    """CSS selector of the part at the top of the picture; empty: the top of the page."""
    bleached: bool = False
    """Whether what is nearly white is made white: the grain of a scanned paper weighs much."""

    def take(self, page: Page, path: Path) -> None:
        """Opens the page and writes its picture to a PNG file."""
        page.set_viewport_size({"width": self.size[0], "height": self.size[1]})
        page.goto(self.address)
        page.wait_for_load_state("networkidle")
        if self.part:
            box = page.locator(self.part).first.bounding_box()
            page.evaluate("top => scrollTo(0, top)", 0 if box is None else box["y"] - 12)
        page.screenshot(path=path)


SHOTS: Final = (
    Shot("sorting", "m.perrot", "/bureau/a-qualifier", (1366, 700)),
    Shot("counter", "m.perrot", "/bureau/guichet"),
    Shot("item", "q.moreau", "/courrier/36-2026-A-000046", (1180, 900)),
    Shot("viewer", "s.pinson", PAPER, (1180, 640), part=".viewer", bleached=True),
    Shot("letter", "s.pinson", f"{PAPER}/repondre/titre-de-sejour-suivi", (1180, 900)),
    Shot("head", "e.carpentier", "/courriers?service=juridique&qui=tous"),
    Shot("director", "i.fontaine", "/"),
    Shot("administrator", "", "/administration"),
)


def follow_a_letter(browser: Browser, portal: str, path: Path) -> None:
    """Writes to the public form as a citizen would, and takes the page that follows the message."""
    context = browser.new_context(
        base_url=portal, viewport={"width": 900, "height": 700}, locale="fr-FR"
    )
    page = context.new_page()
    page.goto("/formulaire")
    page.check("#nature-suggestion")
    page.fill("#message", MESSAGE)
    page.fill("#nom", "Camille Modèle")
    page.fill("#courriel", "camille.modele@exemple.fr")
    page.click("form.write button")
    page.wait_for_selector("h1:has-text('enregistré')")
    page.screenshot(path=path)
    context.close()
