"""Another release, asked of the same facts: its wheel is unpacked apart, and runs as a child.

The child is given facts and applied rules on a pipe (child.py has the protocol) and nothing else:
no variable of the environment, no address, no secret. What it sees otherwise and does not declare
is a date that nobody meant to move.
"""

import asyncio
import signal
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import TypeAdapter, ValidationError

from services.ops.rehearsal.child import DECLARED, PROTOCOL, DeclaredMove
from services.ops.rehearsal.comparison import ComparedItem
from services.ops.rehearsal.difference import RehearsedChange, differences
from services.ops.rehearsal.ground import RehearsalGround
from services.ops.rehearsal.outcome import OUTCOMES, RehearsedItem
from services.ops.rehearsal.reasons import RuleDifference
from services.ops.rehearsal.replay import ReplayRules, replay_item
from shared.errors import PermanentFailure
from shared.facts.items import Items

PATIENCE: Final = 600
"""Seconds for one page of items."""
GRACE: Final = 10
"""Seconds in which a program that closed its pipe has ended."""
LONGEST_LINE: Final = 2**28
AnsweredPage = RehearsedItem | dict[str, Any] | None
"""What a release says of an item; a dict where it can't replay it, or says it unreadably."""
_PAGE: Final = TypeAdapter(list[RehearsedItem | None])
AT_ONCE: Final = 8
"""Items that are replayed before the pipes are looked at again."""
_BEGIN: Final = """
import runpy, sys
sys.path.insert(0, sys.argv.pop(1))
runpy.run_module("services.ops.rehearsal.child", run_name="__main__", alter_sys=True)
"""
_MODULE: Final = ("-m", "services.ops.rehearsal.child")


class NoRelease(PermanentFailure):
    """Raised for a file that is no release, or one that can't be asked."""


class SilentRelease(NoRelease):
    """Raised when a release's program ended, fell silent or talked nonsense; says which."""


@dataclass
class OtherRelease:
    """The comparison of items' outcomes with those by another release, run as a child process."""

    process: asyncio.subprocess.Process
    rules: ReplayRules
    name: str
    declared: Sequence[DeclaredMove]
    """What it declares that this release does not: what both do is no change any more."""
    why: RuleDifference
    undeclared: int = 0
    """Changes that it does not declare."""
    kinds: set[tuple[str, str]] = field(default_factory=set)
    """Of these, what and of which clock or notice."""

    async def page(
        self, page: Sequence[Sequence[Items]], now: datetime
    ) -> Sequence[ComparedItem | None]:
        """Compares the outcomes of some items with those by the other release.

        `None` for each that can't be replayed. Raises NoRelease when the other release fails.
        """
        line = [[fact.model_dump_json() for fact in facts] for facts in page]
        asked = asyncio.ensure_future(_answer(self.process, line))
        try:
            befores = [before async for before in self._replayed(page, now)]
            answers = _outcomes(await asked)
        finally:
            asked.cancel()
        if len(answers) != len(page):
            raise NoRelease("The release answered another number of items: its protocol differs.")
        return [self._compared(*pair, now) for pair in zip(befores, answers, strict=True)]

    async def _replayed(
        self, page: Sequence[Sequence[Items]], now: datetime
    ) -> AsyncIterator[RehearsedItem | PermanentFailure | None]:
        """The items of a page by this program, while the release replays them too."""
        for number, facts in enumerate(page):
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)  # the pipes are written and read meanwhile
            try:
                yield replay_item(facts, self.rules, now)
            except PermanentFailure as error:
                yield error

    def _compared(
        self, before: RehearsedItem | PermanentFailure | None, after: AnsweredPage, now: datetime
    ) -> ComparedItem | None:
        if isinstance(before, PermanentFailure):
            return None
        if isinstance(after, dict):
            self._note("item", "unreadable")
            return None
        changes = differences(before, after, self.why, self.rules.rulebook.last.day(now))
        for change in changes:
            if not self._is_declared(change):
                self._note(change.thing.value, change.subject)
        return ComparedItem(before, after, changes)

    def _is_declared(self, change: RehearsedChange) -> bool:
        return any(move.covers(change.thing.value, change.subject) for move in self.declared)

    def _note(self, thing: str, subject: str) -> None:
        self.undeclared += 1
        self.kinds.add((thing, subject))


@asynccontextmanager
async def other_release(
    wheel: Path, wheelhouse: Path | None, stands: RehearsalGround
) -> AsyncIterator[OtherRelease]:
    """A context manager that runs another release as a child process until the block ends.

    Without a wheelhouse it runs on the libraries that are installed here; with one it gets an
    environment of its own, made from that folder alone. Raises NoRelease.
    """
    with tempfile.TemporaryDirectory(prefix="vaguemestre-release-") as folder:
        words = await asyncio.to_thread(_installed, wheel, wheelhouse, Path(folder))
        errors = Path(folder) / "errors"
        with errors.open("wb") as heard:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=heard,
                env={},
                cwd=folder,
                limit=LONGEST_LINE,
            )
        try:
            yield await _begun(process, wheel, stands)
        except SilentRelease as error:
            said = await asyncio.to_thread(errors.read_text, "utf-8", "replace")
            last = said.strip().rpartition("\n")[2]
            why = f"{last} ({error})" if last else str(error)
            raise NoRelease(f"{wheel.name} can't be asked: {why}.") from error
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _begun(
    process: asyncio.subprocess.Process, wheel: Path, stands: RehearsalGround
) -> OtherRelease:
    rules = ReplayRules(stands.rulebook, stands.perimeter)
    asked = {
        "protocol": PROTOCOL,
        "versions": [
            version.applied.model_dump(mode="json") for version in stands.rulebook.versions
        ],
        "perimeter": [change.model_dump(mode="json") for change in stands.perimeter.changes],
        "now": stands.now.isoformat(),
    }
    hello = _json(await _answer(process, asked))
    if hello.get("protocol") != PROTOCOL or "moved" not in hello:
        raise NoRelease(
            f"{wheel.name} ({hello.get('release', 'unknown')}) speaks another protocol of "
            "rehearsals than this release: upgrade by way of one that speaks both."
        )
    name = str(hello["release"])
    declared = [DeclaredMove(**move) for move in hello["moved"]]
    news = [move for move in declared if move not in DECLARED]
    why = RuleDifference(stands.applied, stands.applied, name)
    return OtherRelease(process, rules, name, news, why)


def _outcomes(line: bytes) -> Sequence[AnsweredPage]:
    """The outcomes of a page, all at once; one by one where the release says one otherwise."""
    try:
        return _PAGE.validate_json(line)
    except ValidationError:
        pass
    answers = _json(line)
    return [_outcome(answer) for answer in answers] if isinstance(answers, list) else ()


def _outcome(answer: Any) -> AnsweredPage:
    try:
        return None if answer is None else OUTCOMES.validate_python(answer)
    except ValidationError:
        return {"unreadable": answer}


def _json(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except ValueError as error:
        raise SilentRelease("it answers what is no JSON") from error


async def _answer(process: asyncio.subprocess.Process, line: object) -> bytes:
    """Says a line, and reads the one that answers it. Raises SilentRelease."""
    if process.stdin is None or process.stdout is None:
        raise SilentRelease("its pipes are closed")
    try:
        async with asyncio.timeout(PATIENCE):
            process.stdin.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            await process.stdin.drain()
            said = await process.stdout.readline()
    except TimeoutError as error:
        raise SilentRelease(f"it has not answered for {PATIENCE} seconds") from error
    except OSError:  # it reads no more: it has ended, or is about to
        said = b""
    except ValueError as error:
        raise SilentRelease(f"its answer is longer than {LONGEST_LINE} octets") from error
    if not said.endswith(b"\n"):
        raise SilentRelease(await _end_of(process))
    return said


async def _end_of(process: asyncio.subprocess.Process) -> str:
    """How a program ended that answers no more."""
    try:
        async with asyncio.timeout(GRACE):
            return f"it ended with {meaning_of(await process.wait())}"
    except TimeoutError:
        return "it closed its pipe, and runs on"


def meaning_of(code: int) -> str:
    """Returns what a program's exit code says; a negative one is the signal that killed it.

    Who is killed by SIGKILL says nothing himself: as a rule the machine had no memory left.
    """
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"


def _installed(wheel: Path, wheelhouse: Path | None, folder: Path) -> Sequence[str]:
    """Puts the release into the folder, without a network; returns the command that runs it."""
    try:
        with zipfile.ZipFile(wheel) as packed:
            if "services/ops/rehearsal/child.py" not in packed.namelist():
                raise NoRelease(f"{wheel.name} is no release that can be rehearsed.")
            if wheelhouse is None:
                packed.extractall(folder / "release")
                return sys.executable, "-I", "-c", _BEGIN, str(folder / "release")
    except (OSError, zipfile.BadZipFile) as error:
        raise NoRelease(f"{wheel} is no wheel that can be read.") from error
    venv.create(folder / "venv", with_pip=True)
    python = str(folder / "venv" / "bin" / "python")
    done = subprocess.run(  # noqa: S603  (the release that was asked for)
        [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-cache-dir",
         "--disable-pip-version-check", "--find-links", str(wheelhouse), str(wheel)],
        capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise NoRelease(f"{wheel.name} can't be installed from {wheelhouse}: {''.join(last)}")
    return python, "-I", *_MODULE
