"""What the demo cost: memory that its processes hold, processor time that they have had.

In real time and outside the story's figures. Linux tells both in /proc.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def lines(pids: Mapping[str, int]) -> Sequence[str]:
    """Returns what to print: megabytes and processor seconds of each process, and of all."""
    sizes = {name: resident(pid) for name, pid in pids.items()}
    works = {name: processor_seconds(pid) for name, pid in pids.items()}
    ours = processor_seconds(os.getpid())
    return (
        "Resident MB: " + ", ".join(f"{name} {size}" for name, size in sizes.items()),
        f"  together {sum(sizes.values())} MB",
        "Processor s: " + ", ".join(f"{name} {work:.0f}" for name, work in works.items()),
        f"  together with starts, this program and what people typed {ours:.0f} s",
    )


def resident(pid: int) -> int:
    """Returns the megabytes of memory that a process holds, as Linux counts them."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmRSS"))


def processor_seconds(pid: int) -> float:
    """Returns the processor seconds of a process, its children, and those that have ended."""
    ticks = 0
    for known in _descent(pid):
        with suppress(OSError):  # it ended meanwhile
            stat = Path(f"/proc/{known}/stat").read_text(encoding="utf-8", errors="replace")
            ticks += sum(map(int, stat.rpartition(")")[2].split()[11:15]))
    return ticks / TICKS


def _descent(pid: int) -> Sequence[int]:
    """A process and all that it began, in whichever thread."""
    found = [pid]
    for known in found:
        for thread in Path(f"/proc/{known}/task").glob("*"):
            with suppress(OSError):
                found += map(int, (thread / "children").read_text().split())
    return found
