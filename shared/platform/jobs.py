"""Jobs: what runs beside the listeners until the process ends."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from functools import partial
from typing import Any, TypeAlias

from shared.errors import PermanentFailure, TemporaryFailure
from shared.platform.backoff import pause_after, pause_or
from shared.platform.clock import Clock, rest
from shared.platform.database import UNREACHABLE
from shared.platform.failures import reason_of
from shared.platform.observability.health import State, Unwell, Well
from shared.platform.observability.logs import Log, where

CALM_SECONDS = 60.0
"""A job that ran so long before it failed again has recovered between."""

Job: TypeAlias = Callable[[], Awaitable[None]]

log = Log("jobs")


class RoundFailed(TemporaryFailure):
    """Raised when a round of a background job failed unexpectedly; it is retried with a backoff."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds


class Left(Enum):
    """The value by which a job's round says that it left work: the job then runs again at once."""

    MORE = "more"


@dataclass
class _Rounds:
    """The job that `every` makes."""

    seconds: float
    work: Callable[[], Awaitable[object]]
    stopping: asyncio.Event
    clock: Clock | None
    returned: Callable[[], object] = lambda: None
    """Called after each round that raised nothing."""

    async def __call__(self) -> None:
        while not self.stopping.is_set():
            try:
                answer = await self.work()
            except (TemporaryFailure, *UNREACHABLE):
                raise
            except Exception as error:
                why = reason_of(error)
                log.error("round_failed", why=why, where=where(error))  # noqa: TRY400  (no trace: it would show values)
                raise RoundFailed(why, self.seconds) from error
            self.returned()
            if answer is not Left.MORE:
                await self._pause()

    async def _pause(self) -> None:
        if self.clock is None:
            await pause_or(self.stopping, self.seconds)
        else:
            await rest(self.clock, timedelta(seconds=self.seconds), self.stopping)


def every(
    seconds: float,
    work: Callable[[], Awaitable[object]],
    stopping: asyncio.Event,
    clock: Clock | None = None,
) -> Job:
    """Makes a background job that runs some work now, and again so many seconds after each end.

    It runs again at once when the work returns `Left.MORE`; with a `clock`, also as soon as the
    simulated time moves. Setting `stopping` ends a pause at once, never the work in hand. Work that
    raises is logged and retried: what is wrong with one job stops nothing else, and `Jobs`
    reports it until a round has come to its end.
    """
    return _Rounds(seconds, work, stopping, clock)


@dataclass
class Jobs:
    """Background jobs of one process: started and ended together, each run again when it fails.

    After a temporary failure a job pauses and runs again; it counts as unwell until it recovers.
    One that returns or raises anything else before `stopping` is set ends the process.
    """

    stopping: asyncio.Event
    failing: dict[str, str] = field(default_factory=dict)
    """Jobs that failed and have not recovered yet, and what failed."""
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self, jobs: Mapping[str, Job]) -> Sequence[asyncio.Task[None]]:
        """Starts background jobs; returns their tasks. One that ends early ends the process.

        Early: before `stopping` is set.
        """
        started = [
            asyncio.create_task(self._again(name, job), name=name) for name, job in jobs.items()
        ]
        self._tasks += started
        return started

    async def end(self, seconds: float, longer: Mapping[str, float] | None = None) -> None:
        """Waits for the background jobs to end, then cancels those still running.

        `seconds`: how long to wait; `longer`: for how long instead, by a job's name.
        """
        grace = {task: (longer or {}).get(task.get_name(), seconds) for task in self._tasks}
        await asyncio.gather(*(self._end(task, most, seconds) for task, most in grace.items()))

    async def _end(self, task: "asyncio.Task[None]", most: float, seconds: float) -> None:
        _, late = await asyncio.wait({task}, timeout=most)
        if late:
            task.cancel()
            await asyncio.wait(late, timeout=seconds)

    async def state(self) -> State:
        """Returns the health of the background jobs: unwell until what failed has recovered."""
        if self.failing:
            return Unwell("; ".join(f"{name}: {why}" for name, why in self.failing.items()))
        return Well([task.get_name() for task in self._tasks])

    async def _again(self, name: str, job: Job) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while not self.stopping.is_set():
            started = loop.time()
            recovered = self._recovering(name, job)
            try:
                await job()
            except (TemporaryFailure, *UNREACHABLE) as failure:
                failures = 1 if loop.time() - started > CALM_SECONDS else failures + 1
                self.failing[name] = (
                    str(failure)
                    if isinstance(failure, TemporaryFailure)
                    else type(failure).__name__
                )
                pause = pause_after(failures)
                if isinstance(failure, RoundFailed):
                    pause = max(pause, failure.seconds)
                log.warning("job_waits", job=name, why=self.failing[name], again_in_seconds=pause)
            else:
                if self.stopping.is_set():
                    return
                raise PermanentFailure(f"Job {name} ended by itself: the process ends with it.")
            finally:
                if recovered is not None:
                    recovered.cancel()
            await pause_or(self.stopping, pause)

    def _recovering(self, name: str, job: Job) -> asyncio.TimerHandle | None:
        """Has the job be well again in time; what counts the time, of one that has no rounds.

        A round may try for as long as a server's time-out before it fails again. A job without
        rounds runs for days and must not stay unwell meanwhile.
        """
        if isinstance(job, _Rounds):
            job.returned = partial(self.failing.pop, name, None)
            return None
        loop = asyncio.get_running_loop()
        return loop.call_later(pause_after(1), self.failing.pop, name, None)


async def unless(event: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine, and cancels it as soon as `event` is set."""
    doing, set_ = asyncio.create_task(work), asyncio.create_task(event.wait())
    try:
        await asyncio.wait({doing, set_}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            doing.result()
    finally:
        for task in (doing, set_):
            task.cancel()
        await asyncio.gather(doing, set_, return_exceptions=True)


async def first_of(
    stopping: asyncio.Event, others: Sequence["asyncio.Future[Any]"], seconds: float | None = None
) -> None:
    """Waits until the process must stop or one of the other futures is done; at most `seconds`."""
    asked = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({asked, *others}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()


async def at_most(seconds: float, work: Coroutine[Any, Any, Any]) -> None:
    """Runs clean-up work for at most so many seconds, so that a process can end.

    What fails or takes longer is logged, never raised.
    """
    try:
        await asyncio.wait_for(work, seconds)
    except Exception as error:  # noqa: BLE001  (the rest must end too)
        log.warning("end_was_cut_short", error=type(error).__name__)
