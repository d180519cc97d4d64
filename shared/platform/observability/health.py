"""Health: whether this process does its work, and if not why, in one JSON answer.

503 means "look here", not "kill me": a process whose servers are away waits for them and resumes.
"""

import asyncio
import importlib.metadata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from shared.errors import VaguemestreError
from shared.platform import disk_space
from shared.platform.time_limits import result_within

CHECK_SECONDS = 3.0
VERSION = importlib.metadata.version("vaguemestre")
"""Of the program that runs, which may be an older one than what is installed by now."""


@dataclass(frozen=True)
class Well:
    """The state of a health check that passed; `detail` is for the reader."""

    detail: Any = None


@dataclass(frozen=True)
class Unwell:
    """The state of a health check that failed; `why` is one sentence."""

    why: str


State: TypeAlias = Well | Unwell
HealthCheck: TypeAlias = Callable[[], Awaitable[State]]


def room(floor: int, *folders: Path) -> HealthCheck:
    """Makes a health check that the disks of these folders have `floor` megabytes free."""

    async def look() -> State:
        for folder in folders:
            if why := await asyncio.to_thread(disk_space.why_full, folder, floor):
                return Unwell(why)
        return Well()

    return look


class Health:
    """The health checks of one process, and its answer to /health."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._checks: dict[str, HealthCheck] = {}

    def add(self, checks: Mapping[str, HealthCheck]) -> None:
        """Adds health checks, by name; one that raises, or takes over three seconds, has failed."""
        self._checks.update(checks)

    async def states(self) -> Mapping[str, State]:
        """Runs every health check now; returns their states by name."""
        states = await asyncio.gather(*(_ask(check) for check in self._checks.values()))
        return dict(zip(self._checks, states, strict=True))

    async def answer(self) -> tuple[int, bytes]:
        """Returns the answer to /health: the HTTP status (200 or 503) and JSON."""
        states = await self.states()
        well = all(isinstance(state, Well) for state in states.values())
        body = {
            "status": "ok" if well else "unwell",
            "service": self._service,
            "version": VERSION,
            "checks": {name: _shown(state) for name, state in states.items()},
        }
        return (200 if well else 503), orjson.dumps(body, default=str)


async def _ask(check: HealthCheck) -> State:
    try:
        return await result_within(CHECK_SECONDS, check())
    except TimeoutError:
        return Unwell(f"No answer within {CHECK_SECONDS:.0f} seconds.")
    except VaguemestreError as failure:
        return Unwell(str(failure))
    except Exception as error:  # noqa: BLE001  (whatever it is, it is what the reader must know)
        return Unwell(f"The check failed: {type(error).__name__}.")


def _shown(state: State) -> Mapping[str, Any]:
    match state:
        case Well(detail):
            return {"ok": True, "detail": detail}
        case Unwell(why):
            return {"ok": False, "why": why}
