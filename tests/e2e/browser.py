"""A person in front of Debian's Chromium, who signs in, types and reads.

With VAGUEMESTRE_SCREENSHOTS=folder every page that `look` sees is kept there, wide and on a phone.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from deploy.embedded.account import Account, new_account
from deploy.embedded.downloads import axe

ACCOUNT: Account = new_account()
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
NARROWEST = {"width": 320, "height": 640}
"""The narrowest window in which nothing may be wider than it is (RGAA 10.11)."""
RULES = ("RGAAv4", "wcag2a", "wcag2aa")
SQUEEZED = """tables => {
  const shown = node => node.checkVisibility({visibilityProperty: true});
  const cut = [...document.querySelectorAll(tables)]
    .filter(node => shown(node) && node.scrollWidth > node.clientWidth + 1)
    .map(node => `cut off: ${node.scrollWidth} in ${node.clientWidth}, ${node.ariaLabel}`);
  const squeezed = [...document.querySelectorAll("main :is(td, dd, dt, li, p, span, label)")]
    .filter(node => shown(node) && !node.children.length
      && node.textContent.trim().split(/\\s+/).length > 4
      && node.getBoundingClientRect().width < 110
      && node.getBoundingClientRect().height > 4.5 * parseFloat(getComputedStyle(node).lineHeight))
    .map(node => `one word a line: ${node.textContent.trim().slice(0, 60)}`);
  return [...cut, ...squeezed];
}"""
"""Of the page before one: tables that hide a part of themselves, and columns of single words."""
TWICE = """() => [...document.querySelectorAll("[id]")].map(node => node.id)
  .filter((id, at, all) => all.indexOf(id) !== at).map(id => `two parts are called ${id}`)"""
"""Of the page before one: ids that several parts have (RGAA 8.2)."""
VIOLATIONS = """rules =>
  axe.run({runOnly: {type: "tag", values: rules}, resultTypes: ["violations"], preload: false})
    .then(found => found.violations.flatMap(violation =>
      violation.nodes.map(node => `${violation.id}: ${node.html.slice(0, 200)}`)))"""
"""What axe finds against rules. What passes them it finds too, in megabytes that nobody reads; for
sounds that begin by themselves alone it would load what a page refers to, and ours have none."""
TYPED_IN = ":is(input, select, textarea):focus"
"""Where a key writes, or chooses."""
PATIENCE = 300_000
"""Milliseconds for what a page should show at once, on a machine that does much else."""


@dataclass
class Person:
    """Somebody, and the page before them."""

    page: Page
    home: str
    keys: int = 0
    """Pressed so far, by `press` and `write`; a `click` is one more."""

    async def go(self, path: str) -> int:
        """Opens an address of ours; the status of its answer."""
        answer = await self.page.goto(f"{self.home}{path}")
        assert answer is not None
        return answer.status

    async def sign_in(self, person: str | None = None) -> None:
        """Through the local account of a demo site; as its administrator alone without a person."""
        await self.go("/connexion")
        await self.page.fill("input[name=secret]", ACCOUNT.password)
        async with self.page.expect_navigation():
            await self.page.press("input[name=secret]", "Enter")
        if person is None:
            return
        await self.page.click(f"button[name=personne][value='{person}']")
        await self.page.wait_for_load_state()

    async def press(self, *keys: str) -> None:
        """Keys of the keyboard, counted."""
        for key in keys:
            await self.page.keyboard.press(key)
            self.keys += 1

    async def press_on(self, *keys: str) -> None:
        """Keys of which the last one leads to another page, which is waited for."""
        async with self.page.expect_navigation():
            await self.press(*keys)

    async def click(self, selector: str) -> None:
        """A click, counted as a key."""
        await self.page.click(selector)
        self.keys += 1

    async def write(self, text: str) -> None:
        """Types where the focus is, counted by the letter.

        A page that was just opened gives the focus to a field of its own when it is first drawn,
        which a busy machine does after it is loaded: what is typed before is lost.
        """
        await self.page.wait_for_selector(TYPED_IN)
        await self.page.keyboard.type(text)
        self.keys += len(text)

    async def text(self) -> str:
        """What stands in the page's main part."""
        return await self.page.inner_text("main")

    async def violations(self) -> list[str]:
        """What axe finds against RGAA 4 and WCAG 2 A and AA; a page wider than a phone; and what is
        cut off or stands one word a line, on a screen and on a phone."""
        said = await self.broken_rules()
        said += await self.page.evaluate(SQUEEZED, ".scroll")
        said += await self.page.evaluate(TWICE)
        await self.page.set_viewport_size(NARROWEST)  # type: ignore[arg-type]  # two numbers
        narrow = await self.page.evaluate("document.documentElement.scrollWidth")
        said += [f"{narrow} pixels wide of 320"] if narrow > NARROWEST["width"] else []
        await self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # two numbers
        width = await self.page.evaluate("document.documentElement.scrollWidth")
        said += await self.page.evaluate(SQUEEZED, ".scroll:has(.lines)")
        await self.page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # two numbers
        return said + ([f"{width} pixels wide on a phone"] if width > PHONE["width"] else [])

    async def broken_rules(self) -> list[str]:
        """What axe finds against RGAA 4 and WCAG 2 A and AA, in a window of this size."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(_axe())
        said: list[str] = await self.page.evaluate(VIOLATIONS, list(RULES))
        return said

    async def look(self, name: str) -> None:
        """Keeps two pictures of the page, where somebody asked for them."""
        if (folder := os.environ.get("VAGUEMESTRE_SCREENSHOTS")) is None:
            return
        for size, which in ((PHONE, "phone"), (WIDE, "wide")):
            await self.page.set_viewport_size(size)  # type: ignore[arg-type]  # two numbers
            path = Path(folder) / f"{name}-{which}.png"
            await self.page.screenshot(path=path, full_page=True)


@asynccontextmanager
async def chromium(program: Path) -> AsyncIterator[Browser]:
    """Debian's Chromium without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def person(browser: Browser, home: str, *, scripts: bool = True) -> AsyncIterator[Person]:
    """A fresh browser window; `scripts=False` is one without JavaScript."""
    context = await browser.new_context(
        viewport=WIDE,  # type: ignore[arg-type]  # two numbers
        java_script_enabled=scripts,
        locale="fr-FR",
        timezone_id="Europe/Paris",
    )
    context.set_default_timeout(PATIENCE)
    try:
        yield Person(await context.new_page(), home)
    finally:
        await context.close()


def _axe() -> str:
    return axe().read_text()
