"""The counter in a real browser: focus and keys once a paper has its number, files dropped."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from shared.content import spool
from shared.content.spool import SOURCE
from shared.facts.ids import arrival_id
from shared.platform.database import Pool
from tests.desk_builders import a_scan, proposed
from tests.e2e.browser import Person
from tests.integration.desk.findings import registered as arrived
from tests.integration.desk.offices import a_clerk, chrono
from tests.integration.desk.windows import OFFICE, PHONE, THEMES, Windows, windows
from tests.layout_faults import ZOOMED, faults, look

pytestmark = pytest.mark.usefixtures("live_site")

COUNTER = "/bureau/guichet"


@pytest.fixture
async def desk(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser
) -> AsyncIterator[Windows]:
    """Nothing registered yet."""
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    async with windows(pool, clerk.pages.clock, tmp_path, chrome, "neutral") as one:
        yield one


@pytest.fixture(params=THEMES)
async def themed(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Windows]:
    """The same in either theme."""
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    async with windows(pool, clerk.pages.clock, tmp_path, chrome, request.param) as one:
        yield one


async def registered(page: Page, channel: str) -> None:
    await page.goto(COUNTER)
    await page.wait_for_selector("#channel:focus")
    await page.select_option("#channel", channel)
    await page.select_option("#category", "association")
    await page.click("main button:text('Enregistrer')")
    await page.wait_for_selector("#annonces >> text=Enregistré sous")


async def test_the_recepisse_of_what_was_just_handed_over_is_printed_by_its_key(
    desk: Windows,
) -> None:
    async with desk.of("c.lerk") as page:
        await registered(page, "hand_delivered")
        receipt = f"{COUNTER}/{chrono(1)}/recepisse.pdf"
        await page.wait_for_selector(f"a[href='{receipt}']:focus")
        async with page.context.expect_event(
            "request", lambda request: request.url.endswith(receipt)
        ):
            await page.keyboard.press("r")


async def test_where_nothing_is_to_be_printed_the_next_paper_is_keyed_at_once(
    desk: Windows,
) -> None:
    async with desk.of("c.lerk") as page:
        await registered(page, "letter")
        await page.wait_for_selector("#channel:focus")
        # Another day's page, or one that is opened anew, is for the next paper as well.
        await page.goto(COUNTER)
        await page.wait_for_selector("#channel:focus")


async def test_the_sticker_of_what_was_just_keyed_is_one_key_away(desk: Windows) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(COUNTER)
        await page.check("#etiqueter")
        await page.select_option("#channel", "letter")
        await page.select_option("#category", "association")
        await page.click("main button:text('Enregistrer')")
        sticker = f"{COUNTER}/etiquette/1.pdf"
        await page.wait_for_selector(f"a[href='{sticker}']:focus")
        assert await page.is_checked("#etiqueter")
        async with page.context.expect_event(
            "request", lambda request: request.url.endswith(sticker)
        ):
            await page.keyboard.press("e")


DROPPED = """([names, event]) => {
  const carried = new DataTransfer();
  for (const name of names) {
    carried.items.add(new File(["%PDF-1.7"], name, {type: "application/pdf"}));
  }
  const at = document.querySelector("h1");
  at.dispatchEvent(new DragEvent(event, {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""


async def test_files_dropped_anywhere_stand_in_the_field_and_wait_for_the_button(
    desk: Windows,
) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(COUNTER)
        await page.wait_for_selector("#glisser:visible")
        await page.evaluate(DROPPED, [["un.pdf"], "dragenter"])
        await page.wait_for_selector("form.dropping")
        await page.evaluate(DROPPED, [["un.pdf"], "drop"])
        await page.wait_for_selector("form[data-drop]:not(.dropping)")
        await page.evaluate(DROPPED, [["deux.pdf", "trois.pdf"], "drop"])
        names = "[...document.querySelector('#fichiers').files].map(file => file.name)"
        assert await page.evaluate(names) == ["un.pdf", "deux.pdf", "trois.pdf"]
        said = (await page.inner_text("#glisser")).replace("\u00a0", " ")
        assert said == "3 documents prêts à déposer : un.pdf, deux.pdf, trois.pdf."
        assert await page.evaluate("document.activeElement.textContent.trim()") == "Déposer"


async def handed_in(page: Page, desk: Windows) -> None:
    """Hands in a picture, and has the register hear of it."""
    picture = {"name": "page.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"0"}
    await page.set_input_files("#fichiers", picture)  # type: ignore[arg-type]  # a mapping
    await page.click("main button:text('Déposer')")
    await page.wait_for_selector("#depots >> text=en cours de lecture")
    (folder,) = spool.waiting_folders(desk.desk.settings.spool)
    what, _ = spool.read(folder)
    known = arrival_id("indre", SOURCE, f"{what.id}:0")
    await arrived(desk.desk.pool, a_scan("s", arrival_id=known, routing=proposed()))


async def test_the_number_of_what_was_handed_in_appears_while_another_paper_is_keyed(
    desk: Windows,
) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(COUNTER)
        await handed_in(page, desk)
        await page.fill("#name", "Ana Silva")
        await page.wait_for_selector(f"#depots a[href='/courrier/{chrono(1)}']")
        assert await page.input_value("#name") == "Ana Silva"
        assert await page.evaluate("document.activeElement.id") == "name"
        await page.wait_for_selector("#menu a:has-text('À qualifier (1)')")


async def test_without_a_script_the_number_is_there_when_the_page_is_asked_again(
    desk: Windows,
) -> None:
    async with desk.of("c.lerk", scripts=False) as page:
        await page.goto(COUNTER)
        assert not await page.is_visible("#glisser"), "nothing is dropped there"
        await handed_in(page, desk)
        await page.click("#depots >> text=Actualiser")
        await page.wait_for_selector(f"#depots a[href='/courrier/{chrono(1)}']")


async def test_a_phone_photographs_and_an_office_does_not(desk: Windows) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(COUNTER)
        assert not await page.is_visible("#photo")
        state = desk.browser
        context = await state.new_context(
            viewport={"width": PHONE[0], "height": PHONE[1]},
            has_touch=True,
            is_mobile=True,
            base_url=desk.home,
            storage_state=await page.context.storage_state(),
        )
        try:
            phone = await context.new_page()
            await phone.goto(COUNTER)
            camera = phone.locator("#photo")
            assert await camera.is_visible()
            assert await camera.get_attribute("capture") == "environment"
            assert await camera.get_attribute("name") == "fichiers"
        finally:
            await context.close()


async def test_the_counter_is_whole_and_accessible_in_every_window(
    themed: Windows, request: pytest.FixtureRequest
) -> None:
    wrong = []
    theme = request.node.callspec.id  # the pictures' names
    async with themed.of("c.lerk") as page:
        person = Person(page, themed.home)
        await page.goto(COUNTER)
        await handed_in(page, themed)
        await page.check("#etiqueter")
        await page.select_option("#category", "association")
        await page.click("main button:text('Enregistrer')")
        await page.wait_for_selector(f"a[href='{COUNTER}/etiquette/1.pdf']:focus")
        for size in (OFFICE, PHONE, ZOOMED, (1920, 970)):
            wrong += [f"{size[0]}: {fault}" for fault in await faults(page, size)]
            await look(page, f"{theme}-{size[0]}-guichet")
        wrong += await person.violations()
    assert not wrong, "\n".join(wrong)
