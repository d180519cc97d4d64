"""Tasks beside the day of the mail office, by keys: opinions, signatures, the counter.

What is written into a field (a question, a name) counts no key, as in the day; what leads to the
field and on does. `make bench WHAT=clerk` does them after the day.
"""

import time
from datetime import timedelta

from playwright.async_api import Browser

from tests.e2e.browser import Person, person
from tests.e2e.clerks_day import ANSWER, Part
from tests.e2e.house import FRIDAY, SUIVI, House

QUESTION = "Le délai de recours court-il déjà ?"
OPINION = "Non : la décision n’a pas été notifiée."
ASKS, GIVES = "k.haddad", "e.carpentier"
"""An agent of the bmi, and who leads the legal service."""
SIGNS = "c.aubry"
"""The head of the bmi, who has a delegation."""
CLERK = "m.perrot"
MOST_TABS = 40
OPEN = """
SELECT chrono FROM desk.items
WHERE state = 'open' AND service = 'bmi' AND channel = 'email' ORDER BY chrono DESC LIMIT $1
"""
ANSWERED = """
SELECT count(*) FROM desk.facts
WHERE type = 'NoteWritten' AND payload::jsonb ->> 'answers' > ''
"""
SIGNED = "SELECT count(*) FROM desk.circuit_letters WHERE state = 'signed'"
AT_THE_COUNTER = "SELECT count(*) FROM desk.items WHERE channel = 'hand_delivered'"


async def opinions(live: House, browser: Browser, number: int) -> list[Part]:
    """So many opinions asked for by an agent, each given by who leads the legal service."""
    rows = await live.rows(OPEN, number)
    assert len(rows) == number
    before = int(await live.ask(ANSWERED))
    async with person(browser, live.desk) as karima:
        await karima.sign_in(ASKS)
        began, keys = time.monotonic(), karima.keys
        for row in rows:
            await _ask(live, karima, row["chrono"])
        asked = Part("opinions asked", number, karima.keys - keys, time.monotonic() - began)
    async with person(browser, live.desk) as lawyer:
        await lawyer.sign_in(GIVES)
        began, keys = time.monotonic(), lawyer.keys
        for row in rows:
            await _give(lawyer, row["chrono"])
        given = Part("opinions given", number, lawyer.keys - keys, time.monotonic() - began)
    assert int(await live.ask(ANSWERED)) == before + number
    return [asked, given]


async def _ask(live: House, karima: Person, chrono: str) -> None:
    """By the palette to the form, by Tab through its three fields."""
    page, day = karima.page, live.now.date() + timedelta(days=1)
    while day.weekday() > FRIDAY:
        day += timedelta(days=1)
    await karima.go(f"/courrier/{chrono}")
    await karima.press("Control+k")
    await karima.write("avis")
    await page.wait_for_selector("[role=option]:has-text('Demander un avis')")
    await karima.press_on("Enter")
    await page.wait_for_selector("[name=service]:focus")
    await _choose(karima, "service", "juridique")
    await _tab(karima, "until")
    await page.fill("[name=until]", day.isoformat())
    await _tab(karima, "question")
    await page.fill("[name=question]", QUESTION)
    await karima.press("Tab")
    await karima.press_on("Enter")


async def _give(lawyer: Person, chrono: str) -> None:
    """From the item's page, where the question stands above all else."""
    await lawyer.go(f"/courrier/{chrono}")
    await lawyer.click(".seen a:has-text('Rendre l’avis')")
    await lawyer.page.wait_for_selector("[name=text]:focus")
    await lawyer.page.fill("[name=text]", OPINION)
    await lawyer.press("Tab")
    await lawyer.press_on("Enter")


async def signatures(live: House, browser: Browser, number: int) -> list[Part]:
    """So many replies prepared by an agent and signed by the head of the service."""
    rows = await live.rows(OPEN, number)
    assert len(rows) == number
    before = int(await live.ask(SIGNED))
    async with person(browser, live.desk) as karima:
        await karima.sign_in(ASKS)
        began, keys = time.monotonic(), karima.keys
        for row in rows:
            await _prepare(karima, row["chrono"])
        prepared = Part("letters prepared", number, karima.keys - keys, time.monotonic() - began)
    async with person(browser, live.desk) as head:
        await head.sign_in(SIGNS)
        began, keys = time.monotonic(), head.keys
        for _ in rows:
            await _sign(head)
        signed = Part("letters signed", number, head.keys - keys, time.monotonic() - began)
    assert int(await live.ask(SIGNED)) == before + number
    return [prepared, signed]


async def _prepare(karima: Person, chrono: str) -> None:
    """A standard letter is completed, checked, and given to the head to sign."""
    page = karima.page
    await karima.go(f"/courrier/{chrono}/repondre/{SUIVI}")
    await page.focus("[name='précisions']")
    await page.fill("[name='précisions']", ANSWER)
    await karima.press_on("Escape", "v")
    await page.wait_for_selector("text=complète")
    await karima.press("q")
    await page.wait_for_selector("[name=whom]:focus")
    await _choose(karima, "whom", SIGNS)
    await karima.press("Tab")
    await karima.press_on("Enter")
    await page.wait_for_selector("text=La lettre est donnée à signer")


async def _sign(head: Person) -> None:
    """The oldest letter of the list is opened, read, signed: it leaves by mail."""
    await head.go("/signatures")
    await head.press("j")
    await head.press_on("Enter")
    await head.page.wait_for_selector("text=Signer et envoyer par courriel")
    await head.press_on("e")
    await head.page.wait_for_selector("text=La lettre est signée et part par courriel")


async def counter(live: House, browser: Browser, number: int) -> Part:
    """So many papers handed in, each with its récépissé opened at once."""
    before = int(await live.ask(AT_THE_COUNTER))
    async with person(browser, live.desk) as martine:
        await martine.sign_in(CLERK)
        await martine.go("/bureau/guichet")
        began, keys = time.monotonic(), martine.keys
        for n in range(number):
            await _hand_in(martine, f"Camille Modèle {n + 1}")
        part = Part("counter", number, martine.keys - keys, time.monotonic() - began)
    assert int(await live.ask(AT_THE_COUNTER)) == before + number
    return part


async def _hand_in(martine: Person, name: str) -> None:
    page = martine.page
    await _tab(martine, "category")
    await _choose(martine, "category")
    for field, text in (("name", name), ("postal", "1 rue du Lavoir\n36000 Châteauroux")):
        await _tab(martine, field)
        await page.fill(f"[name={field}]", text)
    await martine.press_on("Escape", "c")
    await page.wait_for_selector("a[href$='recepisse.pdf']:focus")
    address = await page.get_attribute("a[href$='recepisse.pdf']:focus", "href")
    paper = await page.request.get(f"{martine.home}{address}")
    assert paper.headers["content-type"].startswith("application/pdf"), paper.status
    async with page.expect_popup() as opened:
        await martine.press("Enter")
    await (await opened.value).close()


async def _tab(who: Person, field: str) -> None:
    """Tab until a field of this name has the focus."""
    for _ in range(MOST_TABS):
        await who.press("Tab")
        if await who.page.evaluate("document.activeElement.name") == field:
            return
    raise AssertionError(f"no Tab leads to {field}")


async def _choose(who: Person, field: str, value: str | None = None) -> None:
    """A choice of a list, its second without a value, by one key as for a first letter."""
    index = None if value else 1
    await who.page.select_option(f"[name={field}]", value, index=index)
    who.keys += 1
