"""A clerk's day in a real browser, by keys: sorting, departures, answers; keys and seconds counted.

Without JavaScript no key leads to a place of its own: the few places that Tab does not reach soon
are clicked, and a click counts as a key.

The test of it is small; `make bench WHAT=clerk` lives a whole day. It judges nothing of the speed.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from playwright.async_api import Browser

from deploy.demo import paper
from deploy.demo.deliver import scan
from deploy.demo.paper import Copier
from shared.paper.code_keys import CodeKeys
from shared.site.load import load_folder
from tests.e2e.browser import Person, person
from tests.e2e.house import INDRE, QUESTION, SUIVI, House
from tests.e2e.own_letters import to_answer, write_own
from tests.e2e.senders import TO_SORT, Sender, assert_known, authors, of_letters, of_mails, say_who

ANSWER = "Votre titre est prêt : venez le retirer sans rendez-vous."
COPIER = Copier(dpi=200, tilt=0.3, noise=3)
CORRECTED = 7
"""Of so many items one is given to another service than the proposed one."""
ASIDE = 20
"""Of so many items one is set aside."""

SUBJECTS = (
    "Renouvellement de mon titre de séjour",
    "Certificat d’immatriculation non reçu",
    "Une question sur mon permis de conduire",
    "Votre accueil de lundi",
    "Demande de rendez-vous",
    "Autorisation de détention d’arme",
    "Réclamation : personne ne répond au téléphone",
)
MAILBOXES = ("pref-courrier", "pref-bmi", "pref-bsr", "pref-courrier")


@dataclass(frozen=True)
class Size:
    """How much a day brings."""

    mails: int
    letters: int
    departures: int
    answers: int
    own: int = 0
    """Free replies, and as many requests for pieces, by keys that JavaScript reads."""
    scripts: bool = True
    """Whether the browser runs JavaScript."""


TIMED = """
addEventListener("keydown", (event) => {
  sessionStorage.setItem("pressed", performance.timeOrigin + event.timeStamp);
}, true);
function painted(shown) {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const pressed = Number(sessionStorage.getItem("pressed"));
    sessionStorage.removeItem("pressed");
    if (!pressed || !document.querySelector(".original")) return;
    const took = JSON.parse(sessionStorage.getItem("took") ?? "[]");
    took.push([performance.timeOrigin + performance.now() - pressed, shown]);
    sessionStorage.setItem("took", JSON.stringify(took));
  }));
}
addEventListener("DOMContentLoaded", () => painted(false));
document.addEventListener("vaguemestre:shown", () => painted(true));
"""
"""Measures, in the browser, from the last key to the next letter on the screen, whichever way."""
TOOK = "sessionStorage.getItem('took') ?? '[]'"


@dataclass(frozen=True)
class Part:
    """What one part of the day took."""

    what: str
    number: int
    keys: int
    seconds: float
    waits: Sequence[float] = ()
    """Milliseconds from each key that led on to the next letter on the screen."""
    at_once: int = 0
    """How many of those letters the page had before the key."""

    def __str__(self) -> str:
        each = max(self.number, 1)
        return (
            f"{self.what}: {self.number} in {self.seconds:.0f} s, {self.keys} keys;"
            f" each {self.seconds / each:.1f} s and {self.keys / each:.1f} keys"
        )


async def lived(
    live: House, browser: Browser, size: Size, tell: Callable[[str], None]
) -> Sequence[Part]:
    """The whole day; nothing is left to sort at its end. The letters are approved before."""
    sorted_ = "SELECT count(*) FROM desk.items WHERE state = 'open'"
    await live.settle()  # the answers of the day before may still be leaving
    before = int(await live.ask(sorted_))
    last = str(await live.ask("SELECT coalesce(max(chrono), '') FROM desk.items"))
    began = time.monotonic()
    people = await _arrive(live, size)
    tell(f"arrived, read and registered: {len(people)} in {time.monotonic() - began:.0f} s")
    sorted_alone = int(await live.ask(sorted_)) - before
    parts = []
    async with person(browser, live.desk, scripts=size.scripts) as martine:
        await martine.sign_in("m.perrot")
        written = await authors(live, people)
        assert len(written) == len(people) - sorted_alone, "the rest is before the clerk"
        parts.append(await _sort(live, martine, written, scripts=size.scripts))
        parts.append(await _depart(live, martine, size.departures, last))
    if size.answers:
        async with person(browser, live.desk, scripts=size.scripts) as karima:
            await karima.sign_in("k.haddad")
            parts.append(await _answer(live, karima, size.answers, last, scripts=size.scripts))
            if size.own:
                taken = await write_own(live, karima, size.answers, size.own, last)
                parts += [Part(what, size.own, keys, took) for what, keys, took in taken]
    tell(f"sorted by a certain rule, before anybody came: {sorted_alone}")
    for part in parts:
        if part.waits:
            tell(f"key to next letter: median {statistics.median(part.waits):.0f} ms")
        tell(f"{part}{'' if size.scripts else ' (without JavaScript)'}")
    return parts


async def _arrive(live: House, size: Size) -> Sequence[Sender]:
    before = int(await live.ask("SELECT count(*) FROM ingest.arrivals"))
    writers = of_mails(size.mails, before)
    for number, who in enumerate(writers):
        box = MAILBOXES[number % len(MAILBOXES)]
        subject = f"{SUBJECTS[number % len(SUBJECTS)]} ({number})"
        text = QUESTION.format(name=who.name) + who.sort.signs
        mail = live.mail(who.person, subject=subject, text=text)
        await live.write(mail | {"from": f"{who.name} <{mail['address']}>"}, to=(box,))
    # A second day brings other letters: the same ones would be copies.
    on_paper = of_letters(size.letters, before + size.mails)
    if on_paper:
        batch = await asyncio.to_thread(_batch, live.keys, on_paper, before)
        scan(Path(str(live.run["scans"])) / "courrier", "journee.pdf", batch)
    wanted = size.mails + size.letters
    await live.when_asked(
        "SELECT count(*) >= $1 FROM ingest.arrivals", before + wanted, within=600.0
    )
    await live.settle()
    return [*writers, *on_paper]


def _batch(keys: CodeKeys, senders: Sequence[Sender], before: int) -> bytes:
    """Letters of a page, each behind the sheet that parts it from the one before."""
    site = load_folder(INDRE)
    separator = paper.sheet("service:bmi", site, keys, COPIER)
    pages = []
    for number, who in enumerate(senders, start=before):
        head = [who.name, f"{number + 1} rue du Lavoir", "36000 Châteauroux"]
        text = "Madame, Monsieur,\n\nJe vous écris à ce sujet et attends votre réponse."
        letter: dict[str, Any] = {
            "from": head if who.headed else [],
            "dated": "9 mai 2026",
            "object": SUBJECTS[number % len(SUBJECTS)],
            "pages": [f"{text}\n\n{who.name}\n\n{who.sort.signs}".strip()],
        }
        pages += [separator, *paper.letter_pages(letter, COPIER)]
    seen = [paper.scan_picture(page, COPIER, seed) for seed, page in enumerate(pages)]
    return paper.scan_file("journee.pdf", seen, COPIER)


async def _sort(
    live: House, martine: Person, written: Mapping[str, Sender], *, scripts: bool
) -> Part:
    """The queue to its end: confirmed, corrected or set aside, one after the other."""
    if scripts:
        await martine.page.add_init_script(TIMED)
    rows = await live.rows(TO_SORT)
    proposed = {row["chrono"]: (row["service"], row["category"]) for row in rows}
    began, keys = time.monotonic(), martine.keys
    confirmed, kept = list[str](), dict[str, Sender]()
    await martine.go("/bureau/a-qualifier")
    for number in range(1, len(rows) + 1):
        before = martine.page.url
        chrono = await martine.page.inner_text("h1")
        if scripts:
            # Read for longer than the page takes to fetch the next one, or to learn of none.
            await martine.page.wait_for_selector("html[data-awake][data-ahead]")
        if number % ASIDE == 0:
            await _set_aside(martine, scripts=scripts)
        else:
            if (who := written.get(chrono)) is not None:
                await say_who(martine, who, scripts=scripts)
                kept[chrono] = who
            if number % CORRECTED == 0:
                await _give_elsewhere(martine, scripts=scripts)
            else:
                confirmed.append(chrono)
                await _confirm(martine, scripts=scripts)
        await _elsewhere(martine, before)
    took = orjson.loads(await martine.page.evaluate(TOOK)) if scripts else []
    part = Part(
        "to sort",
        len(proposed),
        martine.keys - keys,
        time.monotonic() - began,
        [milliseconds for milliseconds, _ in took],
        sum(shown for _, shown in took),
    )
    assert await live.rows(TO_SORT) == []
    rows = await live.rows(
        "SELECT chrono, service, category FROM desk.items WHERE chrono = ANY($1)", confirmed
    )
    stand = {row["chrono"]: (row["service"], row["category"]) for row in rows}
    assert stand == {chrono: proposed[chrono] for chrono in confirmed}, "as the rules proposed"
    await assert_known(live, martine, kept)
    return part


async def _elsewhere(martine: Person, before: str) -> None:
    await martine.page.wait_for_url(lambda url: url != before)


async def _confirm(martine: Person, *, scripts: bool) -> None:
    """The page opens at the letter: one key confirms once it was there to be read."""
    if scripts:
        await martine.press("c")
    else:
        await martine.click("button[data-key=c]")


async def _set_aside(martine: Person, *, scripts: bool) -> None:
    if scripts:
        await martine.press("e")
    else:
        await martine.click("summary:has-text('À écarter')")
    await martine.page.select_option("select[name=why]", index=1)
    await martine.page.focus("select[name=why]")
    await martine.press("Tab", "Enter")


async def _give_elsewhere(martine: Person, *, scripts: bool) -> None:
    key = await martine.page.locator("button[name=vers]").last.get_attribute("data-key")
    assert key is not None
    if scripts:
        await martine.press(key)
    else:
        await martine.click(f"button[name=vers][data-key='{key}']")


async def _depart(live: House, martine: Person, number: int, last: str) -> Part:
    """One field that keeps the focus: the last digits, Enter, the next; all came after `last`."""
    rows = await live.rows(
        "SELECT chrono FROM desk.items WHERE state = 'open' AND channel = 'letter'"
        " AND chrono > $2 ORDER BY chrono LIMIT $1",
        number,
        last,
    )
    began, keys = time.monotonic(), martine.keys
    await martine.go("/bureau/departs")
    for row in rows:
        # A key before the focus is lost, and « 18 » would be « 8 ».
        await martine.page.wait_for_selector("#number:focus")
        await martine.write(row["chrono"].rpartition("-")[2].lstrip("0"))
        await martine.press("Enter")
        await martine.page.wait_for_selector(f"text=Dernier parti : {row['chrono']}")
    left = "SELECT count(*) FROM desk.items WHERE chrono = ANY($1) AND state = 'answered'"
    assert await live.ask(left, [row["chrono"] for row in rows]) == len(rows) == number
    return Part("departures", number, martine.keys - keys, time.monotonic() - began)


async def _answer(live: House, karima: Person, number: int, last: str, *, scripts: bool) -> Part:
    """From a standard letter: chosen, completed, read, sent; all came after `last`."""
    rows = await to_answer(live, number, last)
    began, keys = time.monotonic(), karima.keys
    for row in rows:
        await karima.go(f"/courrier/{row['chrono']}/repondre/{SUIVI}")
        await karima.page.focus("[name='précisions']")
        await karima.page.fill("[name='précisions']", ANSWER)
        if scripts:
            await karima.press_on("Escape", "v")
            await karima.page.wait_for_selector("text=complète")
            await karima.page.wait_for_selector("button[value=envoyer]:focus")
            await karima.page.wait_for_selector("html[data-awake]")
            await karima.press("Enter")
        else:
            # From the field Tab leads to the button that checks; the one that sends is far away.
            await karima.press_on("Tab", "Enter")
            await karima.page.wait_for_selector("text=complète")
            await karima.click("main button:has-text('Envoyer')")
        await karima.page.wait_for_url(f"**/courrier/{row['chrono']}")
    return Part("answers", number, karima.keys - keys, time.monotonic() - began)
