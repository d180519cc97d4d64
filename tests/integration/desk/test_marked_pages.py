"""Words marked on pictures of pages: over their ink, and for nobody who may not read them."""

import io
import re
from dataclasses import replace
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, expect

from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Attachment, Pli
from shared.content.word_places import WordPlaces, pack
from shared.platform.database import Connection, Pool
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.routing import Condition, RoutingOutcome, Rule
from tests.attached_files import pdf
from tests.desk_browser import Browser
from tests.desk_builders import (
    ExampleRules,
    a_scan,
    an_applied_site,
    an_arrival,
    certain,
    proposed,
)
from tests.integration.desk.findings import registered, scanned, wrote
from tests.integration.desk.offices import QUEUE, a_clerk, chrono
from tests.integration.desk.windows import OFFICE, PHONE, held, windows
from tests.papers import as_pdf

pytestmark = pytest.mark.usefixtures("live_site")

LETTER = f"/courrier/{chrono(1)}"
ASKS, THREATENS, NEXT = (0.2, 0.3, 0.4, 0.32), (0.5, 0.3, 0.8, 0.32), (0.1, 0.8, 0.2, 0.82)
PAGES = ("récépissé menaces", "rien", "récépissé")
PLACES = (
    WordPlaces(boxes=pack([ASKS, THREATENS])),
    WordPlaces(boxes=pack([NEXT])),
    WordPlaces(boxes=pack([NEXT])),
)
ASKED = "M.1980 .2980H.4020V.3220H.1980z"
THREATENED = "M.4980 .2980H.8020V.3220H.4980z"
FOLLOWING = "M.0980 .7980H.2020V.8220H.0980z"


class WithWords(ExampleRules):
    """The example's rules with a word of danger and a rule."""

    async def if_any(self, connection: Connection) -> AppliedSite:
        """The rules, whatever the database holds."""
        del connection
        applied = an_applied_site()
        rule = Rule(
            id="words",
            when=Condition(words=("récépissé",)),
            then=RoutingOutcome(category="titre-de-sejour"),
        )
        changed = {"danger": ("menaces",), "rules": (rule,)}
        routing = applied.site.routing.model_copy(update=changed)
        site = applied.site.model_copy(update={"routing": routing})
        self._kept = applied.model_copy(update={"site": site})
        return self._kept


async def register_a_scan(pool: Pool, folder: Path, **routing: Any) -> None:
    blobs, arrival = LocalBlobs(folder), a_scan(provisional=True, routing=proposed(**routing))
    first, *others = [Image.new("L", (620, 877), 255) for _ in PAGES]
    octets = io.BytesIO()
    first.save(octets, "TIFF", save_all=True, append_images=others, compression="tiff_lzw")
    keys = {
        "pli": await plis.write(blobs, 2026, arrival.arrival_id, a_letter()),
        "original": await blobs.put(2026, arrival.arrival_id, octets.getvalue()),
    }
    await registered(pool, arrival.model_copy(update=keys))


def a_letter() -> Pli:
    pli = scanned(*PAGES)
    assert pli.scan is not None
    return pli.model_copy(update={"scan": pli.scan.model_copy(update={"places": PLACES})})


def marks(page: str) -> list[str]:
    return re.findall(r'<path transform="[^"]*" d="([^"]*)"', page)


async def test_words_that_are_searched_or_that_rules_found_are_marked_on_the_picture(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    clerk = await Browser(replace(clerk.pages, rules=WithWords())).sign_in("c.lerk")
    await register_a_scan(pool, tmp_path, danger=True)
    assert marks(await clerk.page(f"{LETTER}?mots=recepisse")) == [ASKED, FOLLOWING]
    assert marks(await clerk.page(f"{LETTER}?mots=permis")) == []
    alarmed = await clerk.page(LETTER)
    assert marks(alarmed) == [THREATENED], "why the permanence was told"
    assert "Mots de danger surlignés\N{NO-BREAK SPACE}: <mark>menaces</mark>." in alarmed
    sorting = await clerk.page(f"{QUEUE}/{chrono(1)}")
    assert marks(sorting) == [ASKED + THREATENED, FOLLOWING], "what the rule found, and danger"

    await clerk.send(LETTER, f"{LETTER}/reclasser", {"confidentiality": "reserve"})
    outline = await clerk.page(f"{LETTER}?mots=recepisse")
    assert "à confidentialité" in outline
    assert (marks(outline), 'class="word-marks"' in outline) == ([], False)
    assert "menaces" not in outline


async def test_words_are_marked_on_the_pages_of_an_attached_file(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    written, seen = pdf("Mon récépissé est périmé"), as_pdf([Image.new("L", (620, 877), 255)] * 2)
    mail = EmailMessage()
    mail["From"] = "ana@exemple.fr"
    mail.set_content("Voir les pièces jointes.")
    for name, octets in (("lettre.pdf", written), ("scan.pdf", seen)):
        mail.add_attachment(octets, maintype="application", subtype="pdf", filename=name)
    attached = [
        Attachment(
            name="x.pdf", media_type="application/pdf", size=len(octets), part=n, text=PAGES[0],
            sha256=sha256(octets).hexdigest(), **more,
        )
        for n, (octets, more) in enumerate(
            [(written, {}), (seen, {"pages": PAGES[:1], "places": PLACES[:1]})], 1
        )
    ]  # fmt: skip
    blobs, arrival = LocalBlobs(tmp_path), an_arrival("m", routing=certain())
    pli = wrote("Ana", "Titre", "Voir.", attachments=tuple(attached))
    keys = {
        "pli": await plis.write(blobs, 2026, arrival.arrival_id, pli),
        "original": await blobs.put(2026, arrival.arrival_id, bytes(mail)),
    }
    await registered(pool, arrival.model_copy(update=keys))
    page = await clerk.page(f"{LETTER}?mots=recepisse")
    opened = re.findall(r'href="([^"]*/voir[^"]*)" data-opens', page)
    assert [url.rpartition("?")[2] for url in opened] == ["mots=recepisse"] * 2
    (own,) = marks(await clerk.page(opened[0]))
    assert own.count("z") == 1, "by the text that the file has"
    by_ocr = await clerk.page(opened[1])
    assert marks(by_ocr) == [ASKED], "by what OCR read"
    assert "ne sont surlignés que sur 1 des 2 pages montrées." in by_ocr
    assert marks(await clerk.page(opened[1].partition("?")[0])) == []


async def test_marks_lie_over_their_words_however_the_page_is_shown(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Chromium
) -> None:
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    await register_a_scan(pool, tmp_path)
    async with windows(pool, clerk.pages.clock, tmp_path, chrome, "neutral") as desk:
        for size in (OFFICE, PHONE):
            async with desk.of("c.lerk", size) as page:
                viewer = page.locator("[data-viewer]")
                async with held(page, "2.png*"), held(page, "3.png*") as arrives:
                    await page.goto(f"{LETTER}?mots=recepisse")
                    await page.wait_for_selector(".viewer .bar:visible")
                    assert await marked(page) == pytest.approx(ASKS, abs=0.01)
                    await page.click("[data-does=in]")
                    assert await marked(page) == pytest.approx(ASKS, abs=0.01)
                    await page.click("[data-does=found]")
                    await expect(viewer).to_have_attribute("aria-busy", "true")
                    arrives.set()
                    await expect(viewer).not_to_have_attribute("aria-busy", "true")
                await page.locator(".viewer img").nth(1).evaluate("image => image.decode()")
                last = page.locator(".viewer figure").last.locator(".word-marks path")
                await expect(last).to_be_in_viewport()  # at the bottom of its page
                figure = page.locator(".viewer figure").last
                place = await figure.evaluate(READ)
                await page.click("[data-does=in]")
                assert await figure.evaluate(READ) == pytest.approx(place, rel=0.02)
                await expect(page.locator("[data-at]")).to_have_text("3")
                await page.click("[data-does=fit]")
                assert await marked(page) == pytest.approx(ASKS, abs=0.01)
                await expect(page.locator("[data-at]")).to_have_text("3")
        async with desk.of("c.lerk") as page:
            async with held(page, "3.png*"):
                await page.goto(f"{LETTER}?mots=recepisse")
                await page.wait_for_selector(".viewer .bar:visible")
                await page.click("[data-does=found]")
                await page.click("[data-does=previous]")
            await page.locator(".viewer img").last.evaluate("image => image.decode()")
            # A picture that comes late takes nobody away from where they went.
            await expect(page.locator("[data-at]")).to_have_text("2")
            await page.click("[data-does=previous]")
            await expect(page.locator("[data-at]")).to_have_text("1")
            for right in ((0.68, 0.2, 0.7, 0.4), (0.6, 0.68, 0.8, 0.7), (0.3, 0.6, 0.32, 0.8)):
                async with page.expect_response(lambda answer: "/tourner" in answer.url):
                    await page.click("[data-does=right]")
                await page.locator(".viewer figure img:not(.coming)").first.wait_for()
                assert await marked(page) == pytest.approx(right, abs=0.01)
        async with desk.of("c.lerk", scripts=False) as page:
            await page.goto(f"{LETTER}?mots=recepisse")
            figure = page.locator(".viewer figure").first
            image, mark = figure.locator("img"), figure.locator(".word-marks path")
            place, box = await image.bounding_box(), await mark.bounding_box()
            assert place is not None
            assert box is not None
            across, down = (box["x"] - place["x"]) / place["width"], box["y"] - place["y"]
            assert (across, down / place["height"]) == pytest.approx((0.3, 0.6), abs=0.01)


async def marked(page: Page) -> tuple[float, ...]:
    """Left, top, right and bottom of the first mark: shares of its page as it is seen."""
    figure = page.locator(".viewer figure").first
    await figure.locator("img").evaluate("image => image.decode()")
    return tuple(await figure.evaluate(SHARES))


SHARES = """
figure => new Promise(shown => requestAnimationFrame(() => {
  const image = figure.querySelector("img"), place = image.getBoundingClientRect();
  const mark = figure.querySelector(".word-marks path").getBoundingClientRect();
  const scale = Math.min(place.width / image.naturalWidth, place.height / image.naturalHeight);
  const wide = image.naturalWidth * scale, high = image.naturalHeight * scale;
  const left = place.x + (place.width - wide) / 2, top = place.y + (place.height - high) / 2;
  shown([(mark.left - left) / wide, (mark.top - top) / high,
    (mark.right - left) / wide, (mark.bottom - top) / high]);
}))
"""
"""Where a picture is shown within its place, whole and in the middle."""

READ = """
figure => new Promise(shown => requestAnimationFrame(() => {
  const root = figure.closest(".viewer"), page = figure.getBoundingClientRect();
  const alone = getComputedStyle(root).overflowY !== "visible";
  const room = (alone ? null : root.closest(".original")) ?? root;
  const above = room.getBoundingClientRect().top - page.top;
  shown(above > 0 ? above / page.height : above);
}))
"""
"""The share of a page that is scrolled away, or by how many pixels it begins further down."""
