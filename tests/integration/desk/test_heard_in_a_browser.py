"""What scripts make of a page is told to whoever listens, as a browser hands it on (RGAA 7.1)."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Page

from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.platform.database import Pool
from tests.desk_builders import MONDAY, a_scan, proposed
from tests.integration.desk.findings import registered, scanned
from tests.integration.desk.offices import QUEUE, a_clerk, chrono
from tests.integration.desk.windows import Windows, windows

pytestmark = pytest.mark.usefixtures("live_site")

PAGES = 3
PALETTE = "Aller à une page, ou agir"


@pytest.fixture
async def desk(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser
) -> AsyncIterator[Windows]:
    """A letter of three pages to sort."""
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    blobs, scan = LocalBlobs(tmp_path), a_scan("s", routing=proposed(), at=MONDAY)
    first, *others = [Image.new("L", (620, 877), 255) for _ in range(PAGES)]
    octets = io.BytesIO()
    first.save(octets, "TIFF", save_all=True, append_images=others, compression="tiff_lzw")
    kept = {
        "pli": await plis.write(blobs, 2026, scan.arrival_id, scanned(*["Objet : titre"] * PAGES)),
        "original": await blobs.put(2026, scan.arrival_id, octets.getvalue()),
    }
    await registered(pool, scan.model_copy(update=kept))
    async with windows(pool, clerk.pages.clock, tmp_path, chrome, "neutral") as one:
        yield one


async def heard(page: Page) -> set[tuple[str, str, str]]:
    """Of each part of a page its role, its name, and one thing that is so of it."""
    session = await page.context.new_cdp_session(page)
    nodes = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    await session.detach()
    found = set[tuple[str, str, str]]()
    for node in nodes:
        if not node["ignored"]:
            said = {f"{is_['name']}={is_['value'].get('value')}" for is_ in node["properties"]}
            name = node["name"]["value"] if "name" in node else ""
            found |= {(node["role"]["value"], name, state) for state in {"", *said}}
    return found


async def test_names_roles_and_states_of_viewer_palette_and_queue_are_heard(desk: Windows) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(f"{QUEUE}/{chrono(1)}")
        await page.wait_for_selector("html[data-awake]")
        queue = {
            ("region", "Le courrier", "focused=True"),
            ("group", "Pages du document numérisé", ""),
            ("image", f"Page 1 sur {PAGES} du document numérisé", ""),
            ("button", "Agrandir", "keyshortcuts=+"),
            ("button", "Tourner la page vers la droite", ""),
            ("button", "Vignettes", "expanded=False"),
            ("status", "", "live=polite"),
        }
        assert queue - await heard(page) == set()
        await page.click("text=Vignettes")
        opened = {("button", "Vignettes", "expanded=True"), ("button", f"Page {PAGES} {PAGES}", "")}
        assert opened - await heard(page) == set()
        await page.keyboard.press("Control+k")
        await page.keyboard.type("departs")
        palette = {
            ("dialog", PALETTE, "modal=True"),
            *(
                ("combobox", PALETTE, state)
                for state in ("expanded=True", "autocomplete=list", "focused=True")
            ),
            ("listbox", "Ce qui peut être fait", ""),
            ("option", "Départs Menu", "selected=True"),
        }
        assert palette - await heard(page) == set()
