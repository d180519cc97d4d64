"""What is cut, squeezed or out of the window on a page, asked of a real browser."""

import os
from pathlib import Path

from playwright.async_api import Page

from tests.e2e.browser import SQUEEZED
from tests.integration.desk.windows import OFFICE

ZOOMED = (OFFICE[0] // 2, OFFICE[1] // 2)
"""The same screen at 200 %."""
INSIDE = """() => [...document.querySelectorAll("main *")]
  .filter(node => node.matches("input, select, textarea, button, label, a"))
  .filter(node => node.checkVisibility({visibilityProperty: true}))
  .filter(node => !node.closest(".visually-hidden, [aria-hidden=true]"))
  .map(node => [node.outerHTML.slice(0, 90), node.getBoundingClientRect()])
  .filter(([_, box]) => box.width && (box.left < 0 || box.right > innerWidth + 1))
  .map(([html]) => `out of the window: ${html}`)
"""
"""What a person works with stands inside the window: radios and their labels, rows of a list."""


async def faults(page: Page, size: tuple[int, int]) -> list[str]:
    """What is wrong with a page in a window of this size, a line each."""
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.evaluate("scrollTo(0, 0)")
    found: list[str] = await page.evaluate(SQUEEZED, ".scroll:has(.lines)")
    found += await page.evaluate(INSIDE)
    wide = await page.evaluate("document.documentElement.scrollWidth")
    begins = await page.evaluate("document.querySelector('main').getBoundingClientRect().top")
    if begins > size[1] * 0.65:
        found.append(f"the page begins at {begins:.0f} of {size[1]}")
    return found + ([f"{wide} pixels wide"] if wide > size[0] else [])


async def look(page: Page, name: str) -> None:
    """A picture, where somebody asked for them."""
    if (folder := os.environ.get("VAGUEMESTRE_SCREENSHOTS")) is not None:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page="683" not in name)
