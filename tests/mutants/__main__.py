"""`make mutants`: do the unit tests see when the clocks, the law or the calendar count wrongly?

A seeded sample of small wrong programs, each run against the unit tests of its part. A mutant is
killed when a test fails or takes too long. Survivors must stand, each with its reason, in
survivors.toml; the exit code is 1 below 90 % killed, where a survivor has no reason or where the
time ran out.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.mutations import Mutant, every, sample

ROOT = Path(__file__).resolve().parents[2]
EXPLAINED = Path(__file__).with_name("survivors.toml")
SLA = "tests/unit/sla"
PARTS: dict[str, Sequence[str]] = {
    "services/sla/domain/*.py": (SLA,),
    "shared/working_days.py": ("tests/unit/working_days", SLA),
    "shared/implied_decision.py": ("tests/unit/implied_decision", SLA),
    "shared/pieces.py": ("tests/unit/implied_decision", SLA),
}
"""What is mutated, and the tests that must see it."""
PROPERTIES = frozenset({"test_any_order.py", "test_wherever.py", "test_silence.py"})
GOAL = 0.9
SLOWEST = 90.0
"""Seconds that a mutant's tests may take before it counts as killed: it loops."""
QUIET = ("-p", "no:schemathesis", "-p", "no:locust", "-p", "no:anyio", "-p", "no:cacheprovider")


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
    if not _unchanged_passes():
        _say("the tests fail without any mutant: nothing can be said")
        return 1
    ends = time.monotonic() + 60 * given.minutes
    with ThreadPoolExecutor(given.jobs) as pool:
        results = list(pool.map(lambda mutant: _killed(mutant, ends), drawn))
    return _told(drawn, results)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  (it speaks to a terminal)


def _told(drawn: Sequence[Mutant], results: Sequence[bool | None]) -> int:
    explained: dict[str, str] = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    survivors = [one for one, killed in zip(drawn, results, strict=True) if killed is False]
    unseen = results.count(None)
    for one in sorted(survivors, key=str):
        _say(f"survived  {one}\n          {explained.get(one.name, 'NOT EXPLAINED')}")
    run = len(results) - unseen
    killed = run - len(survivors)
    rate = killed / run if run else 0.0
    _say(f"{killed} of {run} killed ({rate:.0%}), {len(survivors)} survived, {unseen} not run")
    unexplained = [one for one in survivors if one.name not in explained]
    return int(rate < GOAL or bool(unexplained) or bool(unseen))


def _slow_last(folders: Sequence[str]) -> Sequence[str]:
    """The test files of these folders; the properties, which take long, after the direct tests."""
    files = [path for folder in folders for path in sorted((ROOT / folder).glob("test_*.py"))]
    return [str(path) for path in sorted(files, key=lambda path: path.name in PROPERTIES)]


def _unchanged_passes() -> bool:
    tests = sorted({folder for tests in PARTS.values() for folder in tests})
    words = [sys.executable, "-m", "pytest", "-q", *QUIET, *tests]
    return subprocess.run(words, cwd=ROOT, capture_output=True, check=False).returncode == 0  # noqa: S603


def _killed(mutant: Mutant, ends: float) -> bool | None:
    """Whether a test saw it; `None`: there was no time left."""
    if time.monotonic() > ends:
        return None
    tests = _slow_last(
        next(tests for pattern, tests in PARTS.items() if Path(mutant.path).match(pattern))
    )
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "mutant.py"
        source.write_text(mutant.source, encoding="utf-8")
        module = mutant.path.removesuffix(".py").replace("/", ".")
        try:
            done = subprocess.run(  # noqa: S603  (our own words)
                [sys.executable, "-m", "pytest", "-xq", *QUIET, "-p", "tests.mutants.planted",
                 "--hypothesis-seed=0", *tests],
                cwd=ROOT, capture_output=True, timeout=SLOWEST, check=False,
                env={**os.environ, "MUTANT_MODULE": module, "MUTANT_SOURCE": str(source)},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return True
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
