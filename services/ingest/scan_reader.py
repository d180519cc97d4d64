"""The door to the reading process: started at the first request, ended when idle, replaced if dead.

Ingest itself never opens a scanned file: it stays small whatever the file does. A request that
works too long is a dead process, and costs that request. What counts is the work of a processor,
which the process's own timer ends; the clock only ends one that does nothing.
"""

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import Field, TypeAdapter

from services.ingest.domain.page_codes import SeenCode, SeenPage
from services.ingest.faults import BY_REASON, Bomb, UnreadableScan
from services.ingest.media import MediaType
from services.ingest.ocr import PageText
from shared.errors import PermanentFailure, TemporaryFailure
from shared.platform import child_process
from shared.platform.observability.logs import Log

_T = TypeVar("_T")
_A = TypeVar("_A")
_NICE = 10
_LONGEST_LINE = 4_000_000  # octets of JSON: the text of one page
_LARGEST_CUT = 300_000_000

log = Log("reader")


@dataclass(frozen=True, slots=True)
class OpenedScan:
    """A scanned file that was opened and is whole: number of pages and media type."""

    pages: Annotated[int, Field(ge=1)]
    media_type: MediaType


@dataclass(frozen=True, slots=True)
class _Glance:
    codes: tuple[tuple[str, float, bool], ...]
    blank: bool
    faint: bool


@dataclass(frozen=True, slots=True)
class _Cut:
    octets: Annotated[int, Field(ge=1, le=_LARGEST_CUT)]


# What a hostile file may have taken over is checked like any stranger.
_OPENED, _GLANCE, _CUT = TypeAdapter(OpenedScan), TypeAdapter(_Glance), TypeAdapter(_Cut)
_TEXT = TypeAdapter(PageText)


class ScanReader(Protocol):
    """The interface that opens, looks at and cuts scanned files on this machine."""

    async def open(self, file: Path) -> OpenedScan:
        """Opens a scanned file and checks that it is whole.

        Raises:
            UnreadableScan: see services/ingest/faults.py; a `Truncated` file may still be growing.
        """
        ...

    async def look(self, file: Path, page: int, *, foreign: bool = False) -> SeenPage:
        """Looks for QR codes (`foreign`: and others) and ink. Raises UnreadableScan."""
        ...

    async def cut(self, file: Path, first: int, last: int) -> bytes:
        """Cuts pages out of a scanned file, as a file of the same type. Raises UnreadableScan."""
        ...


@dataclass(frozen=True, slots=True)
class ReaderTimeouts:
    """The time limits of requests to the scan reading process, in seconds of processor time."""

    open: float = 60
    look: float = 20
    read: float = 45
    cut: float = 60
    patience: float = 10.0
    """For how many times as long, by the clock, a process may do no work for a request."""
    idle: float = 60.0
    """Seconds by the clock without a request, after which the process ends."""


class _Died(Exception):  # noqa: N818  (what happened)
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ScanReaderProcess:
    """A scan reader with OCR in a sandboxed process of its own, one request at a time."""

    def __init__(
        self,
        tessdata: Path,
        allowance: ReaderTimeouts | None = None,
        folders: Sequence[Path] = (Path("/"),),
        nice: int = _NICE,
    ) -> None:
        """Start nothing yet.

        Args:
            tessdata: the folder of Tesseract's data.
            allowance: how long a request may last.
            folders: where the files are that it may open.
            nice: how far it stands back for the machine's other processes.

        Raises:
            PermanentFailure: `tessdata` has no French data.
        """
        if not (tessdata / "fra.traineddata").is_file():
            raise PermanentFailure(
                f"{tessdata} holds no fra.traineddata: set VAGUEMESTRE_TESSDATA to the folder that "
                "does, or run `python -m deploy.embedded.downloads`."
            )
        self._tessdata = tessdata
        self._folders = folders
        self._nice = nice
        self._allowance = allowance or ReaderTimeouts()
        self._process: asyncio.subprocess.Process | None = None
        self._leaving: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The id of the reading process; `None` before the first request and when idle."""
        return None if self._process is None else self._process.pid

    async def open(self, file: Path) -> OpenedScan:
        """Opens a scanned file in the reading process, and checks that it is whole."""
        opened, _ = await self._insist(_OPENED, "open", file, self._allowance.open)
        return opened

    async def look(self, file: Path, page: int, *, foreign: bool = False) -> SeenPage:
        """Looks, in the reading process, for codes and ink on a page; see `ScanReader.look`."""
        of = {"page": page, "foreign": foreign}
        glance, _ = await self._insist(_GLANCE, "look", file, self._allowance.look, **of)
        codes = tuple(SeenCode(*code) for code in glance.codes)
        return SeenPage(page, codes, glance.blank, glance.faint)

    async def cut(self, file: Path, first: int, last: int) -> bytes:
        """Cuts pages out of a scanned file, in the reading process."""
        seconds = self._allowance.cut
        _, octets = await self._insist(_CUT, "cut", file, seconds, page=first, last=last)
        return octets

    async def read(self, file: Path, page: int) -> PageText:
        """Reads a page by OCR, in the reading process."""
        started = time.monotonic()
        try:
            text, _ = await self._ask(_TEXT, "read", file, self._allowance.read, page=page)
        except (_Died, UnreadableScan) as failure:
            return PageText("", 0.0, 0, time.monotonic() - started, reason=failure.reason)
        return text

    async def close(self) -> None:
        """Ends the reading process, if it runs."""
        async with self._turn:
            await self._end()

    async def _insist(
        self, shape: TypeAdapter[_T], what: str, file: Path, seconds: float, **more: int
    ) -> tuple[_T, bytes]:
        """As `_ask`; a file that kills its reader twice is a bomb, once may be somebody else."""
        try:
            return await self._ask(shape, what, file, seconds, **more)
        except _Died:
            try:
                return await self._ask(shape, what, file, seconds, **more)
            except _Died:
                raise Bomb from None

    async def _ask(
        self, shape: TypeAdapter[_T], what: str, file: Path, seconds: float, **more: int
    ) -> tuple[_T, bytes]:
        patience = seconds * self._allowance.patience
        request = {"do": what, "file": str(file), "work": seconds, "patience": patience, **more}
        async with self._turn:
            if self._idle is not None:
                self._idle.cancel()
            try:
                return await while_it_works(
                    self._exchange(shape, request), lambda: self.pid, patience
                )
            except UnreadableScan:
                raise
            except BaseException as error:
                ended = self._process
                await self._end()
                worked_too_long = ended is not None and ended.returncode == -signal.SIGPROF
                match error:
                    case TimeoutError():
                        death = "timeout"
                    case EOFError() if worked_too_long:
                        death = "timeout"
                    case OSError() | EOFError() | ValueError() | asyncio.LimitOverrunError():
                        death = "crash"
                    case _:
                        raise
                log.warning("reading_process_died", request=what, reason=death)
                raise _Died(death) from None
            finally:
                loop = asyncio.get_running_loop()
                self._idle = loop.call_later(self._allowance.idle, self._hang_up)

    async def _exchange(self, shape: TypeAdapter[_T], request: dict[str, Any]) -> tuple[_T, bytes]:
        """One request and its answer; ValueError when that has not the shape of one."""
        process = self._process or await self._start()
        if process.stdin is None or process.stdout is None:
            raise AssertionError
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
        said = json.loads(await process.stdout.readuntil(b"\n"))
        if isinstance(said, dict) and "fault" in said:
            raise BY_REASON.get(str(said["fault"]), UnreadableScan)
        answer = shape.validate_python(said)
        size = answer.octets if isinstance(answer, _Cut) else 0
        return answer, await process.stdout.readexactly(size)

    async def _start(self) -> asyncio.subprocess.Process:
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "services.ingest.scan_process"),
                *map(str, (self._nice, self._tessdata, *self._folders)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=child_process.environment(),
                limit=_LONGEST_LINE,
            )
        except OSError as error:
            # No letter is to blame for a machine without memory or processes left.
            raise TemporaryFailure(
                f"The process that reads scans can't be started ({error.strerror})."
            ) from error
        return self._process

    def _hang_up(self) -> None:
        """Idle: the process ends with its standard input."""
        self._leaving, self._process = self._process, None
        if self._leaving is not None and self._leaving.stdin is not None:
            self._leaving.stdin.close()

    async def _end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        ending = (self._process, self._leaving)
        self._process = self._leaving = None
        for process in ending:
            if process is None:
                continue
            # One that hung up has ended, or is about to; only one that hangs needs to be killed.
            if process.stdout is not None and not process.stdout.at_eof():
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            await process.wait()


async def while_it_works(
    answer: Coroutine[Any, Any, _A], pid: Callable[[], int | None], patience: float
) -> _A:
    """Waits for an answer as long as the process that makes it works, on however busy a machine.

    `pid`: the process's, once it runs. Raises TimeoutError when it had no processor time for
    `patience` seconds.
    """
    waiting, worked = asyncio.ensure_future(answer), _worked(pid())
    try:
        while not (await asyncio.wait({waiting}, timeout=patience))[0]:
            before, worked = worked, _worked(pid())
            if worked == before:
                raise TimeoutError
        return waiting.result()
    finally:
        waiting.cancel()


def _worked(pid: int | None) -> int:
    """Returns the processor time that a process has had, in ticks of the kernel; 0: it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    user, system = stat.rpartition(")")[2].split()[11:13]
    return int(user) + int(system)
