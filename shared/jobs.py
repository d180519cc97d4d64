"""Jobs: what runs beside the listeners until the process ends."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from shared.database import UNREACHABLE
from shared.errors import PermanentFailure, TemporaryFailure
from shared.health import State, Unwell, Well
from shared.logs import Log
from shared.pauses import pause_after

CALM_SECONDS = 60.0
"""A job that ran so long before it failed again has recovered between."""

Job: TypeAlias = Callable[[], Awaitable[None]]

log = Log("jobs")


@dataclass
class Jobs:
    """The jobs of one process, started together and ended together."""

    stopping: asyncio.Event
    failing: dict[str, str] = field(default_factory=dict)
    """Jobs that wait before another try, and what failed."""
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self, jobs: Mapping[str, Job]) -> Sequence[asyncio.Task[None]]:
        """Starts them; a task that ends before `stopping` is set says that the process must end."""
        started = [
            asyncio.create_task(self._again(name, job), name=name) for name, job in jobs.items()
        ]
        self._tasks += started
        return started

    async def end(self, seconds: float) -> None:
        """Waits for them, then cancels those that are still there."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=seconds)

    async def state(self) -> State:
        """Unwell while a job waits before another try."""
        if self.failing:
            return Unwell("; ".join(f"{name}: {why}" for name, why in self.failing.items()))
        return Well([task.get_name() for task in self._tasks])

    async def _again(self, name: str, job: Job) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while not self.stopping.is_set():
            started = loop.time()
            # It is well until it fails again: a job that runs for days must not stay unwell
            # meanwhile.
            recovered = loop.call_later(pause_after(1), self.failing.pop, name, None)
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
                log.warning("job_waits", job=name, why=self.failing[name], again_in_seconds=pause)
            else:
                if self.stopping.is_set():
                    return
                raise PermanentFailure(f"Job {name} ended by itself: the process ends with it.")
            finally:
                recovered.cancel()
            await pause_or(self.stopping, pause)


async def pause_or(event: asyncio.Event, seconds: float) -> None:
    """Waits for `event`, at most `seconds`."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
