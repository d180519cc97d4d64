"""`make mutants`: do the unit tests see when the clocks, the law or the calendar count wrongly?

A seeded sample of small wrong programs, each run against the unit tests of its part. A mutant is
killed when a test fails or takes too long. Survivors must stand, each with its reason, in
survivors.toml; the exit code is 1 below 90 % killed, where a survivor has no reason or where the
time ran out.

Each runs in a child of this process, which has imported all that no mutant touches.
"""

import argparse
import importlib
import os
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mutants.mutations import Mutant, every, sample

ROOT = Path(__file__).resolve().parents[2]
EXPLAINED = Path(__file__).with_name("survivors.toml")
SLA, LAW = "tests/unit/sla", "tests/unit/implied_decision"
PARTS: dict[str, Sequence[str]] = {
    "services/sla/domain/*.py": (SLA,),
    "shared/calendar/working_days.py": ("tests/unit/working_days", SLA),
    "shared/site/implied_decision.py": (LAW, SLA),
    "shared/calendar/pieces.py": (LAW, SLA),
}
"""What is mutated, and the tests that must see it."""
PROPERTIES = frozenset({"test_any_order.py", "test_wherever.py"})
"""They take long: the direct tests come first."""
BEFORE = ("hypothesis.strategies", "pytest_asyncio.plugin", "asyncpg", "holidays.utils", "orjson",
          "yaml", "deploy.embedded.kafka", "deploy.embedded.mail", "deploy.embedded.postgres",
          "shared.platform.postgres.migrate", "shared.site.tables.bundle", "shared.facts.items",
          "shared.facts.clocks")  # fmt: skip
"""What every child would import."""
OURS = ("shared", "services", "deploy", "tests")
GOAL = 0.9
SLOWEST = 120.0
"""Seconds that a mutant's tests may take before it counts as killed: it loops."""
QUIET = ("-xq", "-p", "no:schemathesis", "-p", "no:locust", "-p", "no:anyio", "-p",
         "no:cacheprovider", "--hypothesis-seed=0",
         "-W", "ignore::pytest.PytestAssertRewriteWarning")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Child:
    """A process that runs the tests of one mutant since a moment."""

    mutant: Mutant
    pid: int
    since: float


def main() -> int:
    """Runs the sample; the exit code."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--minutes", type=float, default=20.0, help="The time for all of them.")
    parser.add_argument("--only", default="", help="Mutants of paths with this part in them.")
    given = parser.parse_args()

    mutants = [
        mutant
        for pattern in PARTS
        for path in sorted(ROOT.glob(pattern))
        for mutant in every(path, ROOT)
        if given.only in mutant.path
    ]
    drawn = sample(mutants, given.count, given.seed)
    _say(f"{len(drawn)} of {len(mutants)} mutants, seed {given.seed}, {given.jobs} at once")
    for name in BEFORE:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        if not _passes_unchanged():
            _say("the tests fail without any mutant: nothing can be said")
            return 1
        ends = time.monotonic() + 60 * given.minutes
        killed = dict(_run(drawn, given.jobs, Path(folder), ends))
    return _told(drawn, killed)


def _run(
    drawn: Sequence[Mutant], jobs: int, folder: Path, ends: float
) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant with whether a test saw it; those for which there was no time are left out."""
    waiting, running = list(drawn), list[Child]()
    while running or (waiting and time.monotonic() < ends):
        while waiting and len(running) < jobs and time.monotonic() < ends:
            mutant = waiting.pop(0)
            running.append(Child(mutant, _started(mutant, folder), time.monotonic()))
        for child in list(running):
            done, status = os.waitpid(child.pid, os.WNOHANG)
            if done or time.monotonic() - child.since > SLOWEST:
                if not done:
                    os.kill(child.pid, signal.SIGKILL)
                    os.waitpid(child.pid, 0)
                running.remove(child)
                killed = not done or status != 0
                if not killed:
                    _say(f"survived  {child.mutant}")
                yield child.mutant, killed
        time.sleep(0.02)


def _started(mutant: Mutant | None, folder: Path) -> int:
    """The child that runs the tests of a mutant, or of the program as it is: 0 if they pass."""
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    code = 1
    with suppress(BaseException):
        code = _tested(mutant, folder)
    os._exit(code)


def _tested(mutant: Mutant | None, folder: Path) -> int:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    patterns = [
        tests for pattern, tests in PARTS.items() if not mutant or Path(mutant.path).match(pattern)
    ]
    if mutant:
        source = folder / f"{os.getpid()}.py"
        source.write_text(mutant.source, encoding="utf-8")
        module = mutant.path.removesuffix(".py").replace("/", ".")
        os.environ |= {"MUTANT_MODULE": module, "MUTANT_SOURCE": str(source)}
        # What has been imported holds parts of the module as it was.
        for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
            if mutant.path.startswith("shared/") or name == "services":
                del sys.modules[name]
        importlib.import_module("tests.mutants.planted")
    files = sorted(
        {path for tests in patterns for each in tests for path in (ROOT / each).glob("test_*.py")},
        key=lambda path: (path.name in PROPERTIES, _place(path, patterns[0]), path),
    )
    os.chdir(ROOT)
    return int(pytest.main([*QUIET, *map(str, files)]))


def _place(path: Path, tests: Sequence[str]) -> int:
    """The tests of the part itself before those of what uses it."""
    return next((n for n, each in enumerate(tests) if (ROOT / each) == path.parent), len(tests))


def _passes_unchanged() -> bool:
    _, status = os.waitpid(_started(None, ROOT), 0)
    return status == 0


def _told(drawn: Sequence[Mutant], killed: dict[Mutant, bool]) -> int:
    explained: dict[str, str] = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    survivors = [mutant for mutant in drawn if killed.get(mutant) is False]
    for survivor in sorted(survivors, key=str):
        _say(f"{survivor}\n    {explained.get(survivor.name, 'NOT EXPLAINED')}")
    run = len(killed)
    rate = (run - len(survivors)) / run if run else 0.0
    unseen = len(drawn) - run
    _say(
        f"{run - len(survivors)} of {run} killed ({rate:.0%}), {len(survivors)} survived,"
        f" {unseen} not run"
    )
    unexplained = [survivor for survivor in survivors if survivor.name not in explained]
    return int(rate < GOAL or bool(unexplained) or bool(unseen))


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  (it speaks to a terminal)


if __name__ == "__main__":
    sys.exit(main())
