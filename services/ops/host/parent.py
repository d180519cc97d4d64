"""The parent: imports the program once, forks each site's processes, starts again who ended.

It is one thread that waits for three things: a child's end or a signal to itself (`woken`), a
question on its socket, and the next time at which something begins or is killed. What it knows of a
site is its name: variables and secrets are read by the fork.

SIGTERM: every process is asked to end, and waited for. Killed, its forks are asked by the kernel.
Handlers of signals note that one came; the loop does what follows from it.
"""

import gc
import importlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import Final

from services.desk.features import modules
from services.ops.host.children import HeldProcess, ProcessTable
from services.ops.host.control import (
    REQUEST,
    HostAnswer,
    HostRequest,
    ProcessLine,
    as_line,
    listen,
)
from services.ops.host.fork import Fork, forget_secrets
from services.ops.host.places import HostPlaces, SiteProcess
from shared.errors import PermanentFailure
from shared.platform.observability.logs import Log

IMPORTED: Final = (
    "services.__main__",
    "services.ops.joint_command",
    "services.ops.replanner",
    "services.desk.cli",
    "services.desk.page_process",
    *modules(),
    "services.portal.commands",
)
"""What a site's processes begin with; what else one needs, it imports for itself."""
DRAWN: Final = ("services.desk.pages.renderer", "services.portal.pages.serve")
"""Modules whose `TEMPLATES` are the folder of the pages that the processes of all sites draw."""

HEARD_SECONDS: Final = 1.0
"""Whoever asks has its question ready; the processes wait for the parent meanwhile."""
_HANDLED: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)

log = Log("host")


def import_once(modules: Sequence[str], drawn: Sequence[str]) -> None:
    """Imports what forks share and compiles their pages; no fork looks through it to free any.

    `drawn`: modules whose `TEMPLATES` are a folder of pages.

    Raises PermanentFailure: an import left a thread, of which a fork would have the locks alone.
    """
    for module in modules:
        importlib.import_module(module)
    from shared.web.environment import compile_pages  # noqa: PLC0415  (who asks draws no page)

    for module in drawn:
        compile_pages([importlib.import_module(module).TEMPLATES])
    gc.collect()
    gc.freeze()
    if threading.active_count() > 1:
        raise PermanentFailure("An imported module started a thread: nothing can be forked here.")


class HostParent:
    """The parent of the sites of one machine; `sites` reads which there are, by their names."""

    def __init__(self, places: HostPlaces, sites: Callable[[], Sequence[str]]) -> None:
        self._places = places
        self._sites = sites
        self._children = ProcessTable()
        self._children.add(self._listed())
        self._ending = False
        self._selector = DefaultSelector()
        self._woken, self._wakes = socket.socketpair()
        self._door = listen(places.socket)
        for end in (self._woken, self._wakes):
            os.set_blocking(end.fileno(), False)
        self._selector.register(self._woken, EVENT_READ)
        self._selector.register(self._door, EVENT_READ)

    def run(self) -> Fork | None:
        """Holds the processes until SIGTERM, then returns `None`.

        In a fork it returns what that must become.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note_request_to_end)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakes.fileno())
        while self._children.stand() or not self._ending:
            if (fork := self._begin()) is not None:
                return fork
            if self._ending:
                self._end_all()
            for state in self._children.late(time.monotonic()):
                log.warning("process_killed", site=state.which.site, process=state.which.process)
                self._children.note_kill(state, time.monotonic())
                _signal(state, signal.SIGKILL)
            self._wait()
        self._places.socket.unlink(missing_ok=True)
        log.info("host_ended")
        return None

    def _listed(self) -> Iterator[SiteProcess]:
        for site in self._sites():
            for process in self._places.processes:
                yield SiteProcess(site, process)

    def _begin(self) -> Fork | None:
        """Begins what is due; in a fork, returns what it must become."""
        begun = list(self._children.due(time.monotonic()))
        for state in begun:
            if self._ending:
                break
            parent = os.getpid()
            try:
                pid = self._fork()
            except OSError as error:
                self._children.note_no_begin(state, time.monotonic())
                log.error("process_not_begun", **state.which._asdict(), why=str(error))  # noqa: TRY400  (a sentence)
                continue
            if pid == 0:
                return Fork(state.which, self._places, parent)
            self._children.note_begin(state, pid, time.monotonic())
            shared = self._places.is_ours(state.which.site)
            log.info(
                "process_began", **state.which._asdict(), pid=pid,
                how="forked" if shared else "executed",
            )  # fmt: skip
        if begun:
            states = self._children.states.values()
            log.info("host_stands", processes=sum(state.pid is not None for state in states))
        return None

    def _fork(self) -> int:
        """Forks; returns the process id, 0 in the fork. Raises OSError: the kernel refuses.

        A signal that reaches the fork while it has the parent's handlers waits until it has not.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
        try:
            pid = os.fork()
            if pid == 0:
                self._leave()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
        return pid

    def _leave(self) -> None:
        """Gives up, in a fork, what is the parent's."""
        signal.set_wakeup_fd(-1)
        for number in _HANDLED:
            signal.signal(number, signal.SIG_DFL)
        for end in (self._selector, self._woken, self._wakes, self._door):
            end.close()

    def _wait(self) -> None:
        for key, _ in self._selector.select(self._children.seconds(time.monotonic())):
            if key.fileobj is self._door:
                self._hear()
            else:
                with suppress(BlockingIOError):
                    self._woken.recv(4096)
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                self._note_end(*found)

    def _note_end(self, pid: int, status: int) -> None:
        now = time.monotonic()
        code = os.waitstatus_to_exitcode(status)
        state = self._children.note_end(pid, code, now)
        if state is None:
            return
        try:
            forget_secrets(self._places.credentials(state.which))
        except OSError as error:
            log.error("secrets_not_removed", **state.which._asdict(), why=str(error))  # noqa: TRY400  (a sentence)
        again = round(state.again_at - now, 1) if state.wanted else None
        log.info("process_ended", **state.which._asdict(), code=code, again_in_seconds=again)

    def _note_request_to_end(self, *_: object) -> None:
        self._ending = True

    def _end_all(self) -> None:
        """Asks the processes to end that were not asked yet."""
        for state in self._children.states.values():
            if state.wanted:
                state.wanted = False
                self._ask_to_end(state)

    def _ask_to_end(self, state: HeldProcess) -> None:
        if state.pid is not None:
            self._children.note_request(state, time.monotonic())
            _signal(state, signal.SIGTERM)

    def _hear(self) -> None:
        """Answers one question; whoever asks is root, and waits for no other."""
        with suppress(OSError), self._door.accept()[0] as line:
            line.settimeout(HEARD_SECONDS)
            try:
                request = REQUEST.validate_json(line.recv(65_536))
                answer = HostAnswer(tuple(map(_line, self._do(request))))
            except (ValueError, PermanentFailure) as error:
                answer = HostAnswer(refused=str(error))
            line.sendall(as_line(answer))

    def _do(self, request: HostRequest) -> Sequence[HeldProcess]:
        """Does what was asked; returns the processes that it is about.

        Raises PermanentFailure: no such site or process is here.
        """
        if request.site is None:
            return list(self._children.states.values())
        if request.verb == "start":
            self._children.add(self._listed())
        found = self._children.of(request.site, request.process)
        if not found:
            raise PermanentFailure(
                f"{request.site} {request.process or ''}".rstrip() + " is not under this parent."
            )
        for state in found:
            if request.verb in ("stop", "restart"):
                self._ask_to_end(state)
            if request.verb != "status":
                state.wanted = request.verb != "stop"
                state.again_at, state.refused = 0.0, False
        return found


def _line(state: HeldProcess) -> ProcessLine:
    now = time.monotonic()
    seconds = max(state.again_at - now, 0.0) if state.pid is None else now - state.began
    return ProcessLine(*state.which, state.wanted, state.pid, round(seconds, 1), state.refused)


def _signal(state: HeldProcess, number: signal.Signals) -> None:
    if state.pid is not None:
        with suppress(ProcessLookupError):
            os.kill(state.pid, number)


def prepare(places: HostPlaces) -> None:
    """Makes the parent's folder, and removes what a killed one left there. Raises OSError."""
    places.state.mkdir(mode=0o711, exist_ok=True)
    places.state.chmod(0o711)
    for left in places.state.glob("credentials-*"):
        forget_secrets(Path(left))
