"""What befalls a parent or one of its sites ends no other site (tests/plumbing_parent.py)."""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from services.ops.host.control import HostRefused, HostRequest, ProcessLine, ask
from services.ops.host.parent import DRAWN, import_once
from shared.web.assets import Assets
from shared.web.environment import PageEnvironment, environment
from tests.architecture.test_anatomy import PROJECT
from tests.plumbing_parent import SITES, places_in

PATIENCE = 30.0


class Machine:
    """A parent that runs under one of the faults of `plumbing_parent`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places = places_in(folder)
        self.parent: subprocess.Popen[bytes]

    def start(self, how: str) -> None:
        words = [sys.executable, "-m", "tests.plumbing_parent", str(self.folder), how]
        with (self.folder / "log").open("ab") as log:
            self.parent = subprocess.Popen(words, cwd=PROJECT, stderr=log)  # noqa: S603  (ours)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def lines(self) -> Mapping[str, ProcessLine]:
        return {line.site: line for line in ask(self.places, HostRequest("status"))}

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def pids(self) -> Mapping[str, int]:
        """Waits until all sites stand, and returns their processes."""
        self.until(self._stand)
        return {site: line.pid or 0 for site, line in self.lines().items()}

    def _stand(self) -> bool:
        try:
            pids = [line.pid for line in self.lines().values()]
        except HostRefused:
            assert self.parent.poll() is None, self.log()
            return False  # it imports
        return all((self.folder / f"stands-{pid}").exists() for pid in pids)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.parent.kill()
    made.parent.wait()


def test_told_to_end_while_it_begins_it_begins_no_more_and_ends_all(machine: Machine) -> None:
    machine.start("told_to_end")
    assert machine.parent.wait(PATIENCE) == 0
    assert machine.log().count("process_began") == 2
    assert machine.log().count("process_ended") == 2
    assert "process_killed" not in machine.log()


def test_what_a_fork_is_told_before_it_runs_ends_it_and_nobody_else(machine: Machine) -> None:
    machine.start("slow")
    before = machine.pids()
    ask(machine.places, HostRequest("restart", "a"))
    machine.until(lambda: machine.lines()["a"].pid not in (None, before["a"]))
    not_run = machine.lines()["a"].pid
    ask(machine.places, HostRequest("restart", "a"))
    (machine.folder / "go").touch()
    machine.until(lambda: machine.lines()["a"].pid not in (None, not_run))
    after = machine.pids()
    assert (after["b"], after["c"]) == (before["b"], before["c"])


def test_a_fork_that_the_kernel_refuses_is_tried_again_and_ends_nobody(machine: Machine) -> None:
    machine.start("refused")
    assert machine.pids().keys() == set(SITES)
    assert machine.log().count("process_not_begun") == 1
    assert machine.log().count("process_began") == 3
    assert "process_ended" not in machine.log()


def test_files_of_a_site_that_are_none_end_nobody(machine: Machine) -> None:
    (machine.folder / "opt").mkdir()
    (machine.folder / "opt/site-b").symlink_to("site-b")
    (machine.folder / "credentials-a-portal").touch()
    machine.start("well")
    before = machine.pids()
    ask(machine.places, HostRequest("restart", "a"))
    machine.until(lambda: machine.lines()["a"].pid not in (None, before["a"]))
    assert machine.pids()["b"] == before["b"]
    assert "secrets_not_removed" in machine.log()


def test_who_ends_by_3_is_held_until_a_person_starts_it(machine: Machine) -> None:
    machine.start("well")
    before = machine.pids()
    os.kill(before["a"], signal.SIGUSR1)
    machine.until(lambda: machine.lines()["a"].pid is None)
    line = machine.lines()["a"]
    assert (line.wanted, line.refused) == (False, True)
    ask(machine.places, HostRequest("start", "a"))
    after = machine.pids()
    assert (after["b"], after["c"]) == (before["b"], before["c"])
    assert not machine.lines()["a"].refused


def test_who_connects_and_says_nothing_keeps_nobody_waiting(machine: Machine) -> None:
    machine.start("well")
    machine.pids()
    with ExitStack() as silent:
        for _ in range(2):
            line = silent.enter_context(socket.socket(socket.AF_UNIX))
            line.connect(str(machine.places.socket))
        assert machine.lines().keys() == set(SITES)


def test_who_has_gone_when_it_is_let_in_ends_nobody(machine: Machine) -> None:
    machine.start("gone_again")
    assert machine.pids().keys() == set(SITES)


def test_what_a_parent_imports_once_is_compiled_for_its_forks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "page.html").write_text("{{ said }}.")
    drawn = ModuleType("pages_of_a_test")
    drawn.TEMPLATES = tmp_path  # type: ignore[attr-defined]  # as modules of pages have it
    monkeypatch.setitem(sys.modules, "pages_of_a_test", drawn)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    import_once((), ("pages_of_a_test",))
    monkeypatch.setattr(PageEnvironment, "_parse", None)
    made = environment([tmp_path], Assets(None, tmp_path))
    assert made.get_template("page.html").render(said="l’été") == "l’été."


def test_the_pages_that_forks_share_are_all_that_there_are() -> None:
    shared = [import_module(module).TEMPLATES for module in DRAWN]
    pages = list((PROJECT / "services").rglob("templates/**/*.html"))
    assert all(any(page.is_relative_to(folder) for folder in shared) for page in pages)
    assert {page.relative_to(PROJECT).parts[1] for page in pages} == {"desk", "portal"}
