"""The twelve questions of a quality officer, by keyboard alone: `make bench WHAT=questions`.

`make demo` is played; then May is closed, and two things happen to it. Each question of
questions.yaml begins on the home page of a real Chromium, 1440 pixels wide. What is counted is keys
and acts; the seconds are the pages' own, and those of a person who is no typist: 0.28 s a key and
1.35 s to look, before each act and at the answer (tests/e2e/keyboard.py). A goal is met when the
page says what questions.yaml expects, in at most a minute. Then the same ways are walked 360 pixels
wide and in the other theme: the answers must be there, and no page wider than its window.
"""

import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml
from playwright.async_api import Browser

from deploy.demo import judge
from deploy.demo import play as demo
from deploy.demo.inputs import ZONE
from deploy.demo.month import Play
from deploy.demo.session import Visitor
from tests.e2e.browser import Person, person
from tests.e2e.browser import chromium as chromium_of
from tests.e2e.questions import Answered, answered, overflow

QUESTIONS: Final = Path(__file__).with_suffix(".yaml")
SECONDS: Final = 60.0
OFFICER: Final = "h.marchand"
WIDE, PHONE = (1440, 900), (360, 740)
SAID_OF_MAY: Final = (
    "desk explain-late {carte-en-retard} signature --as k.haddad",
    "desk explain-late {permis-etranger} volume --as m.aubert",
    "desk explain-late {samedi-soir} pieces --as s.pinson",
    "desk reclassify {rendez-vous-impossible} --theme appointments --as n.salmon",
    "desk reclassify {accueil-guichet} --theme reception --as i.fontaine",
)
AFTER_CLOSING: Final = (
    "reply {mise-en-demeure} q.moreau",
    "desk reclassify {suggestion-horaires} --out-of-perimeter --reason copie --as i.fontaine",
)
"""A letter of formal notice is answered late, and a suggestion leaves the perimeter."""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def set_up(play: Play) -> None:
    """What questions.yaml expects beside the month: causes, themes, May closed, two corrections."""
    await play.at(_moment("2026-06-09T18:00"), SAID_OF_MAY)
    async with Visitor.at(play.running, OFFICER) as marchand:
        closing = "/mois/2026-05/clore"
        await marchand.send(closing, closing, malgre="1")
    await play.at(_moment("2026-06-10T12:30"), AFTER_CLOSING)
    for morning in ("2026-06-11T06:00", "2026-06-11T09:00"):
        await play.at(_moment(morning))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


async def asked(
    browser: Browser, play: Play, size: tuple[int, int], files: Path
) -> Sequence[tuple[Answered, int]]:
    """Each question at a keyboard, in a window of this size; the answers, and what sticks out."""
    text = await play.fill_names(QUESTIONS.read_text(encoding="utf-8"))
    questions: Sequence[Any] = yaml.safe_load(text)
    home = f"http://127.0.0.1:{play.running.run['http_ports']['desk']}"
    found = []
    async with person(browser, home) as marchand:
        await _signed_in(marchand, play.running.password)
        await marchand.page.set_viewport_size({"width": size[0], "height": size[1]})
        for question in questions:
            answer = await answered(marchand, question, files)
            found.append((answer, await overflow(marchand)))
    return found


async def _signed_in(marchand: Person, password: str) -> None:
    await marchand.go("/connexion")
    await marchand.page.fill("input[name=secret]", password)
    await marchand.page.press("input[name=secret]", "Enter")
    await marchand.page.click(f"button[name=personne][value='{OFFICER}']")
    await marchand.page.wait_for_load_state()


@asynccontextmanager
async def dressed(play: Play, folder: Path) -> AsyncIterator[None]:
    """The same préfecture in the theme of the State's sites."""
    changed = folder / "site"
    shutil.copytree(demo.SITE, changed)
    with (changed / "site.yaml").open("a") as text:
        text.write("\ntheme: dsfr\nbrand: [Préfet, de l’Indre]\n")
    why = ("--by", "H. Marchand", "--why", "thème")
    await play.people.command(["site", "apply", str(changed), *why])
    yield


async def bench(program: Path, data: Path) -> tuple[int, int]:
    """Plays, asks and says; how many goals were met, of how many."""
    met, goals = 0, 0
    files = data.with_name("files")
    files.mkdir()
    async with demo.stage(data) as play, chromium_of(program) as browser:
        await demo.month(play)
        if await judge.judge(play):
            raise SystemExit("the month did not pass as expected.yaml says")
        await set_up(play)
        for answer, _ in await asked(browser, play, WIDE, files):
            cost, good = answer.cost, not answer.lacking and answer.cost.seconds <= SECONDS
            met, goals = met + good, goals + 1
            say(
                f"{answer.question:<12} {cost.keys:>4} keys {cost.acts:>3} acts, pages"
                f" {cost.waited:>5.1f} s, a person {cost.seconds:>5.1f} s,"
                f" goal ≤ {SECONDS:.0f} s: {'met' if good else 'MISSED'}"
            )
            for lack in answer.lacking:
                say(f"             lacks {lack}")
        looks = [("neutral", PHONE, await asked(browser, play, PHONE, files))]
        async with dressed(play, data.with_name("theme")):
            looks += [
                ("dsfr", size, await asked(browser, play, size, files)) for size in (WIDE, PHONE)
            ]
        for theme, size, answers in looks:
            bad = [answer for answer in answers if answer[0].lacking or answer[1]]
            met, goals = met + (not bad), goals + 1
            say(
                f"{theme}, {size[0]} px: {len(answers) - len(bad)} of {len(answers)} answered,"
                f" {'met' if not bad else 'MISSED'}"
            )
            for answer, wide in bad:
                say(f"             {answer.question} lacks {list(answer.lacking)}, {wide} px wider")
    return met, goals


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a shell's background job
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("chromium is missing: run deploy/system-packages.sh as root")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        met, goals = asyncio.run(bench(Path(program), Path(folder) / "data"))
    say(f"bench: {met} of {goals} goals met")
    raise SystemExit(met < goals)


if __name__ == "__main__":
    main()
