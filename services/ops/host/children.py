"""The processes that a parent holds: which stand, which ended and when each begins again.

wanted, no process      it begins when `again_at` has come: at once, or after a pause that grows
wanted, a process       it stands; one that ends is given a pause
not wanted, a process   it was asked to end, and is killed when it takes too long
not wanted, none        it was stopped by a person, or ended by 3 (`refused`), and stays so
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.ops.host.places import SiteProcess

PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds before a process that ended begins again, by how often in a row it did."""
CALM_SECONDS: Final = 60.0
"""A process that ran so long has recovered from its last end."""
END_SECONDS: Final = 75.0
"""A mail whose answer is awaited may take so long; killed before, it leaves a second time."""
REFUSED_CODE: Final = 3
"""Twenty facts in a row were refused. A person looks; starting again would change nothing."""
ALWAYS_AGAIN: Final = frozenset({"run"})
"""Of several services: held back by one, the others would not work either; as its unit says."""


@dataclass
class HeldProcess:
    """The state of one process: whether it is wanted, and its process id while it stands.

    Times are seconds of the parent's monotonic clock.
    """

    which: SiteProcess
    wanted: bool = True
    pid: int | None = None
    began: float = 0.0
    ends: int = 0
    """How often in a row it ended soon after it began."""
    again_at: float = 0.0
    kill_at: float = math.inf
    """When a process that was asked to end is killed."""
    refused: bool = False
    """Whether it ended by 3 and waits for a person."""


@dataclass
class ProcessTable:
    """The processes of the sites of one parent."""

    states: dict[SiteProcess, HeldProcess] = field(default_factory=dict)

    def add(self, wanted: Iterable[SiteProcess]) -> None:
        """Adds processes that are not known yet; they begin at once."""
        for which in wanted:
            self.states.setdefault(which, HeldProcess(which))

    def of(self, site: str, process: str | None) -> Sequence[HeldProcess]:
        """Returns the processes of a site, or the one of that name; empty: none is known."""
        return [
            state
            for which, state in self.states.items()
            if which.site == site and process in (None, which.process)
        ]

    def due(self, now: float) -> Iterator[HeldProcess]:
        """Yields the processes that are to begin."""
        for state in self.states.values():
            if state.wanted and state.pid is None and state.again_at <= now:
                yield state

    def late(self, now: float) -> Iterator[HeldProcess]:
        """Yields the processes that were asked to end and are to be killed."""
        for state in self.states.values():
            if state.pid is not None and state.kill_at <= now:
                yield state

    def note_begin(self, state: HeldProcess, pid: int, now: float) -> None:
        """Notes that a process began."""
        state.pid, state.began, state.kill_at = pid, now, math.inf

    def note_no_begin(self, state: HeldProcess, now: float) -> None:
        """Notes that a process could not begin, and when it is tried again."""
        state.ends += 1
        state.again_at = now + _pause(state)

    def note_end(self, pid: int, code: int, now: float) -> HeldProcess | None:
        """Notes by what exit code a process ended (of a signal: negative).

        Returns its state, with when it begins again; `None`: it was none of ours.
        """
        state = next((state for state in self.states.values() if state.pid == pid), None)
        if state is None:
            return None
        asked = state.kill_at < math.inf
        state.pid, state.kill_at = None, math.inf
        if asked:
            state.ends, state.again_at = 0, now
        else:
            state.ends = 1 if now - state.began > CALM_SECONDS else state.ends + 1
            state.again_at = now + _pause(state)
            if code == REFUSED_CODE and state.which.process not in ALWAYS_AGAIN:
                state.wanted, state.refused = False, True
        return state

    def note_request(self, state: HeldProcess, now: float) -> None:
        """Notes that a process was asked to end; asked again, it keeps its time."""
        state.kill_at = min(state.kill_at, now + END_SECONDS)

    def note_kill(self, state: HeldProcess, now: float) -> None:
        """Notes that a process is killed; one that the kernel can't end yet is killed again."""
        state.kill_at = now + END_SECONDS

    def stand(self) -> bool:
        """Whether any process still runs."""
        return any(state.pid is not None for state in self.states.values())

    def seconds(self, now: float) -> float | None:
        """Returns the seconds until one begins or is killed; `None`: nobody waits for the time."""
        times = [state.kill_at for state in self.states.values() if state.pid is not None]
        times += [s.again_at for s in self.states.values() if s.pid is None and s.wanted]
        nearest = min(times, default=math.inf)
        return None if nearest == math.inf else max(nearest - now, 0.0)


def _pause(state: HeldProcess) -> float:
    return PAUSES[min(state.ends, len(PAUSES)) - 1]
