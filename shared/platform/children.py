"""The door to child processes that open what strangers sent: mails, HTML, PDFs, pictures, archives.

A parser that a hostile file takes over, hangs or kills must have nothing to give away and nobody to
take along. Its process has no secret in its environment, no file of ours, no connection, and bounds
on time and memory (shared/platform/confinement.py); it is fed over a pair of sockets, lives on for
the next request, and is replaced when it dies. What it answers is checked like any stranger's word.

    children.ask(SHAPE, {"do": "page", "page": 3}, octets)      → what was said, and octets
    children.ask_each(SHAPE, {"do": "read"}, [octets, octets])  → what was said of one after another
    it ended, hung or spoke nonsense          → ChildDied: this file kills whoever opens it
    its program raised                        → ChildFailed: this file can't be opened
    no child can be started                   → TemporaryFailure: no file is to blame

All of it blocks: call it in a thread.
"""

import threading
import time
import weakref
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any, Final, Literal, TypeAlias, TypeVar, cast

import orjson
from pydantic import StringConstraints, TypeAdapter

from shared.errors import PermanentFailure, TemporaryFailure
from shared.platform import child, child_process, confinement
from shared.platform.child_answers import ChildAnswers
from shared.platform.child_process import ChildProcess
from shared.platform.observability.logs import Log

_T = TypeVar("_T")
_ERROR: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(max_length=100)])
_START_SECONDS: Final = 60.0

Death: TypeAlias = Literal["crash", "timeout", "nonsense"]

log = Log("children")


class ChildDied(PermanentFailure):
    """Raised when the child process died while it opened a stranger's file, or took too long."""

    def __init__(self, reason: Death) -> None:
        super().__init__(f"The process that opened it ended: {reason}.")
        self.reason: Final = reason


class ChildFailed(PermanentFailure):
    """Raised when the program of a child process failed.

    `error` is the exception's type, such as `ValueError`.
    """

    def __init__(self, error: str) -> None:
        super().__init__(f"It can't be opened ({error}).")
        self.error: Final = error


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """The limits of one request to a child process: time, memory, size of the answer."""

    seconds: float
    """Of a processor."""
    patience: int
    """Seconds that we wait for the answer, on however busy a machine."""
    memory: int = 1_000_000_000
    """Octets of address space."""
    answer: int = 64_000_000
    """Octets that an answer may have."""
    idle: float = 60.0
    """Seconds without a request after which a child ends."""


class Children:
    """A pool of sandboxed child processes of one program; each handles one request at a time."""

    def __init__(
        self,
        program: str,
        allowance: ChildLimits,
        *,
        most: int = 2,
        readable: Sequence[Path] = (),
        own_user: bool = True,
    ) -> None:
        """Start nothing yet.

        Args:
            program: the module that answers; see shared/platform/child.py.
            allowance: what one request may cost.
            most: children at the same time; whoever asks meanwhile waits.
            readable: what they may read beside the system's own files.
            own_user: whether they change to an account of their own, where we may.
        """
        self._program = program
        self._allowance = allowance
        self._readable = [str(path) for path in readable]
        self._own_user = own_user
        self._turns = threading.Semaphore(most)
        self._guard = threading.Lock()
        self._idle: list[ChildProcess] = []
        self._all: list[ChildProcess] = []
        self._closed = False
        self._end = weakref.finalize(self, _end_all, self._all)
        self.lacks: tuple[confinement.Lack, ...] | None = None
        """What the last child had to do without; `None` before the first."""

    def ask(
        self,
        shape: TypeAdapter[_T],
        request: Mapping[str, Any],
        octets: bytes = b"",
        into: IO[bytes] | None = None,
    ) -> tuple[_T, bytes]:
        """Sends a request to a free child process and returns its answer, checked against `shape`.

        Args:
            shape: what the answer has to be.
            request: what it is asked, as JSON.
            octets: the stranger's file.
            into: where the octets of the answer are written as they come, for large ones; none are
                returned then. After an error it has a part of them.

        Raises:
            ChildDied: the child crashed or took too long; the next request has another child.
            ChildFailed: the child's program raised an error.
            TemporaryFailure: no child can be started, the pool is being closed, or `into` is on a
                disk that is full, and is closed.
        """
        with self._turns:
            one = self._take()
            try:
                status, said, sent = self._send(one, request, octets).take(into)
                answer = _ERROR if status == child.FAILED else shape
                found: _T | str = answer.validate_json(said)
            except BaseException as error:
                death = self._give_up(one, error)
                if death is None:
                    raise
                raise death from None
            self._give_back(one)
        if status == child.FAILED:
            raise ChildFailed(str(found))
        return cast(_T, found), sent

    def ask_each(
        self, shape: TypeAdapter[_T], request: Mapping[str, Any], pieces: Sequence[bytes]
    ) -> Generator[_T | ChildDied | ChildFailed, None, None]:
        """Sends several pieces to a free child at once; yields its answers in their order.

        Each is yielded as soon as it is known, while the child goes on with the piece behind it,
        and has the limits of a request to itself. A ChildFailed costs its piece alone; a ChildDied
        is the last one yielded: the child had not begun with any piece behind.

        To be closed by whoever stops before its end. Raises TemporaryFailure as `ask`.
        """
        if not (left := len(pieces)):
            return
        with self._turns:
            one = self._take()
            try:
                asked = {**request, "sizes": [len(piece) for piece in pieces]}
                answers = self._send(one, asked, b"".join(pieces))
                while left:
                    status, said, _ = answers.take()
                    told: _T | ChildFailed
                    if status == child.FAILED:
                        told = ChildFailed(_ERROR.validate_json(said))
                    else:
                        told = shape.validate_json(said)
                    left -= 1
                    if not left:
                        self._give_back(one)
                    yield told
            except GeneratorExit:
                if left:
                    self._discard(one)
                raise
            except BaseException as error:
                death = self._give_up(one, error)
                if death is None:
                    raise
                yield death

    def close(self) -> None:
        """Ends all child processes; whoever waits for an answer gets a TemporaryFailure."""
        self._closed = True
        with self._guard:
            _end_all(self._all)
            self._idle.clear()

    def _take(self) -> ChildProcess:
        latest = time.monotonic() - self._allowance.idle / 2
        with self._guard:
            while self._idle:
                one = self._idle.pop()
                # One that is about to end by itself is no witness against a file.
                if one.last > latest and one.process.poll() is None:
                    return one
                self._all.remove(one)
                one.end()
        return self._start()

    def _give_back(self, one: ChildProcess) -> None:
        one.last = time.monotonic()
        with self._guard:
            if not self._closed:
                self._idle.append(one)

    def _give_up(self, one: ChildProcess, error: BaseException) -> ChildDied | None:
        """Ends a child that did not answer; what to say of it, `None`: the error is no answer.

        Raises TemporaryFailure: all are being ended.
        """
        self._discard(one)
        if self._closed:
            raise TemporaryFailure("Ended while a file was being opened.") from None
        death = _death(error)
        if death is None:
            return None
        log.warning("child_died", program=self._program, reason=death)
        return ChildDied(death)

    def _discard(self, one: ChildProcess) -> None:
        with self._guard:
            if one in self._all:
                self._all.remove(one)
                one.end()

    def _start(self) -> ChildProcess:
        allowance = self._allowance
        settings = {
            "memory": allowance.memory,
            "seconds": allowance.seconds,
            "patience": allowance.patience,
            "idle": allowance.idle,
            "readable": self._readable,
            "own_user": self._own_user,
        }
        one = child_process.start(self._program, settings)
        with self._guard:
            if self._closed:
                one.end()
                raise TemporaryFailure("Ended while a file was being opened.")
            self._all.append(one)
        try:
            _, lacks, _ = ChildAnswers(one.line, _START_SECONDS, 1_000).take()
        except (OSError, EOFError, ValueError):
            self._discard(one)
            raise TemporaryFailure(
                "The process that opens files does not start: memory is short, or it is not"
                f" installed whole; `python -m {child.__name__} {self._program}` says what lacks."
            ) from None
        self.lacks = tuple(orjson.loads(lacks))
        return one

    def _send(self, one: ChildProcess, request: Mapping[str, Any], octets: bytes) -> ChildAnswers:
        allowance = self._allowance
        answers = ChildAnswers(one.line, allowance.patience, allowance.answer)
        said = orjson.dumps(request)
        one.line.sendall(child.HEAD.pack(child.SAID, len(said), len(octets)) + said)
        if octets:
            one.line.sendall(octets)
        return answers


def _death(error: BaseException) -> Death | None:
    match error:
        case TimeoutError():
            return "timeout"
        case OSError() | EOFError():
            return "crash"
        case ValueError():  # pydantic's too
            return "nonsense"
        case _:
            return None


def _end_all(children: list[ChildProcess]) -> None:
    while children:
        children.pop().end()
