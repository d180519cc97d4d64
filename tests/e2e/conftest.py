"""The stack that most of these tests share, and the figures that are told and not judged.

Journeys know two themes and two ways, with JavaScript and without. Two of the four pass: the plain
theme without it and the State's with it, so that each theme and each way is gone once. All four
pass with VAGUEMESTRE_EVERY_WAY=1.
"""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.e2e import discretion
from tests.e2e.browser import ACCOUNT, chromium
from tests.e2e.collecting import Collector, collector
from tests.e2e.elsewhere import elsewhere
from tests.e2e.house import House, dressed, house

THEMES = {"neutral", "dsfr"}
WAYS = {"scripts", "without"}
PAIRS = ({"neutral", "without"}, {"dsfr", "scripts"})
"""Themes and ways as the names of tests say them."""
FIGURE = "figure"
"""Under this name a test's report carries its figures, from whichever process ran it."""


@pytest.fixture(scope="session")
def traces() -> Iterator[Collector]:
    """Where the processes of `live` send their traces."""
    with collector() as one:
        yield one


@pytest.fixture(scope="session")
async def live(
    tmp_path_factory: pytest.TempPathFactory, traces: Collector, request: pytest.FixtureRequest
) -> AsyncIterator[House]:
    """A plain `vaguemestre up`, live since Monday 11 May 2026; its story only moves forward.

    Which files live in it before another one nobody says: each process of tests has its own, and
    what needs a date of the calendar makes a stack of its own. Its machine stands in Kiritimati, on
    New Year's Eve: every date that a test expects of it is the préfecture's all the same. When it
    ends, no word of a sender stands where it must not, whoever wrote.
    """
    machine = elsewhere(tmp_path_factory.mktemp("machine"), "Pacific/Kiritimati")
    account = {"VAGUEMESTRE_LOCAL_ACCOUNT": ACCOUNT.hashed}
    given = {**machine, **account, **traces.variables}
    async with house("2026-05-11T09:00", given=given) as one:
        one.running.password = ACCOUNT.password
        await one.live()
        yield one
        if not request.session.testsfailed:
            assert await discretion.anywhere(one, traces) == []


@pytest.fixture(scope="session")
async def browser(needs_debian: Callable[[str], Path]) -> AsyncIterator[Browser]:
    """Debian's Chromium, the page alone; each person opens a window of it (browser.person)."""
    async with chromium(needs_debian("chromium-headless-shell")) as one:
        yield one


@pytest.fixture(scope="module", params=["neutral", "dsfr"])
async def theme(
    live: House, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """The journeys of a module pass in both themes: the running préfecture chooses another one.

    `request.param` is its name; afterwards the site is as it was.
    """
    name = str(request.param)
    if name == "neutral":
        yield name
        return
    async with dressed(live, tmp_path_factory.mktemp("theme")):
        yield name


@pytest.fixture(scope="session")
async def letters(live: House) -> None:
    """The standard letters of the example site, and an approved one for the bmi."""
    await live.approve_letters()


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Takes a line for the end of the run: what depends on the machine is no assertion."""
    return partial(record_property, FIGURE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what a pair of theme and way would say a second time."""
    if os.environ.get("VAGUEMESTRE_EVERY_WAY"):
        return
    left = [item for item in items if _said_by_a_pair(item)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def _said_by_a_pair(item: pytest.Item) -> bool:
    file, _, named = item.nodeid.partition("[")
    if not file.startswith("tests/e2e/"):
        return False
    words = set(named.rstrip("]").split("-"))
    pair = words & (THEMES | WAYS)
    return bool(words & THEMES) and bool(words & WAYS) and pair not in PAIRS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows the figures."""
    lines = [
        str(line)
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call"
        for name, line in report.user_properties
        if name == FIGURE
    ]
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)
