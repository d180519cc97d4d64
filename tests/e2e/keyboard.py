"""A keyboard before a page, and nothing else: Tab to what is wanted, Enter, a key of the page.

A way is a list of acts as words: `link Chiffres` (Tab until the focus is on it, Enter, a new page),
`button Tirer` (the same), `key p`, `content` (the skip link), `open Filtrer` (a part that unfolds),
`field Graine = sept` (Tab to it, type), `mode Compter = en tout` (the letters of a choice),
`search 36-…` (`/`, the words, Enter), `take .xlsx` (a link that gives a file).

What it costs is counted: keys, acts, and the seconds that the pages let somebody wait.
"""

import time
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.e2e.browser import Person

MOST_TABS: Final = 150
KEY: Final = 0.28
"""Seconds a key of somebody who is no typist (Card, Moran and Newell, 1983)."""
ACT: Final = 1.35
"""Seconds to look, and to know what to do next (the same)."""
FOCUSED: Final = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return "";
  const label = it.labels && it.labels.length ? it.labels[0].innerText : "";
  return it.getAttribute("aria-label") || label || it.innerText || "";
}"""
ROWS: Final = """() => [...document.querySelectorAll("main tr, main .checks li, main dl > *")]
  .filter(row => row.checkVisibility())
  .map(row => [...(row.cells || [row])].map(cell => cell.innerText.replace(/\\s+/g, " ").trim())
    .join(" | "))"""


@dataclass
class Cost:
    """What a way by keyboard took: keys pressed, acts decided, seconds in which pages answered."""

    keys: int = 0
    acts: int = 0
    waited: float = 0.0

    @property
    def seconds(self) -> float:
        """At a person's pace: the pages' own seconds, and those of hands and eyes."""
        return self.waited + self.by_hand

    @property
    def by_hand(self) -> float:
        """Those of hands and eyes alone, which no machine makes longer."""
        return KEY * self.keys + ACT * (self.acts + 1)


@dataclass
class Keyboard:
    """Somebody at a keyboard: `go` does one act, `rows` and `words` are what then stands there."""

    person: Person
    files: Path
    """Where files are taken to."""
    cost: Cost = field(default_factory=Cost)
    taken: list[Path] = field(default_factory=list)

    async def go(self, act: str) -> None:
        """Does one act of a way. AssertionError when no Tab leads there: what was passed."""
        verb, _, rest = act.partition(" ")
        began, keys = time.monotonic(), self.person.keys
        match verb:
            case "link" | "button":
                await self._tab(rest)
                await self._turn("Enter")
            case "key":
                await self._turn(rest)
            case "content":
                await self._tab("Aller au contenu")
                await self.person.press("Enter")
            case "open":
                await self._tab(rest)
                await self.person.press("Enter")
            case "field" | "mode":
                name, _, text = rest.partition(" = ")
                await self._tab(name)
                if verb == "field":
                    await self.person.press("Control+a")
                await self.person.write(text)
            case "search":
                await self.person.press("/")
                await self.person.write(rest)
                await self._turn("Enter")
            case "take":
                await self._tab(rest)
                async with self._file() as given:
                    await self.person.press("Enter")
                download = await given.value
                self.taken.append(self.files / download.suggested_filename)
                await download.save_as(self.taken[-1])
            case _:
                raise ValueError(act)
        self.cost.keys += self.person.keys - keys
        self.cost.acts += 1
        self.cost.waited += time.monotonic() - began

    async def rows(self) -> list[str]:
        """Each row that stands on the page, its cells between bars, with plain spaces."""
        found: list[str] = await self.person.page.evaluate(ROWS)
        return [plain(row) for row in found]

    async def words(self) -> str:
        """What stands in the page's main part, with plain spaces."""
        return plain(await self.person.text())

    def _file(self) -> AbstractAsyncContextManager[Any]:
        return self.person.page.expect_download()

    async def _turn(self, key: str) -> None:
        await self.person.press_on(key)
        await self.person.page.wait_for_load_state()

    async def _tab(self, name: str) -> None:
        passed = []
        for _ in range(MOST_TABS):
            await self.person.press("Tab")
            passed.append(plain(await self.person.page.evaluate(FOCUSED)))
            if begins(passed[-1], name):
                return
        raise AssertionError(f"no Tab leads to « {name} »: {passed}")


def plain(text: str) -> str:
    """A text with single plain spaces."""
    return " ".join(text.split())


def begins(text: str, words: str) -> bool:
    """Whether a text begins with these words, the last of them whole; case and theme apart."""
    return text.casefold().startswith(words.casefold()) and not text[len(words) :][:1].isalnum()
