"""The version before this one, as its own tree: to be run beside the programs of today."""

import asyncio
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from deploy.release.notes import TREE, git

HERE: Final = Path(__file__).parent
PATIENCE: Final = 300
LONGEST: Final = 2**26


def commit_before() -> str:
    """The newest tag; as long as there is none, the commit that wrote what a version left."""
    tags = git("tag", "--list", "v*", "--sort=-v:refname").split()
    if tags:
        return tags[0]
    left = max(HERE.glob("*/migrations")).relative_to(TREE).as_posix()
    (commit,) = git("log", "--diff-filter=A", "--format=%H", "--", left).split()
    return commit


def tree_of(commit: str, folder: Path) -> Path:
    """Unpacks a commit's tree into a folder."""
    done = subprocess.run(  # noqa: S603  (our own words)
        ["git", "archive", commit],  # noqa: S607  (found on the path)
        cwd=TREE, capture_output=True, check=True,
    )  # fmt: skip
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as packed:
        packed.extractall(folder, filter="data")
    return folder


class Before:
    """The programs of the version before, in a process of their own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def do(self, what: str, now: datetime, **said: Any) -> Any:
        """Has them do something; what comes of it. What fails there fails here."""
        return await self.say({"do": what, "now": now.isoformat(), **said})

    async def say(self, line: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            answer = await self._process.stdout.readline()
        assert answer, "the version before ended"
        told = json.loads(answer)
        assert "failed" not in told, told["failed"]
        return told["ok"]


@asynccontextmanager
async def running(tree: Path, url: str, blobs: Path) -> AsyncIterator[Before]:
    """Its programs on a database until the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "child.py"), str(tree),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tree, limit=LONGEST,
    )  # fmt: skip
    try:
        before = Before(process)
        await before.say({"url": url, "blobs": str(blobs)})
        yield before
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
