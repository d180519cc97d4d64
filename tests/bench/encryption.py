"""What encryption at rest costs a file beside its hash and the disk: `make bench WHAT=encryption`.

Whole files of three sizes are stored and read by the blob store, in clear and with a keyring, in
turns; what is written is flushed to the disk each time, as always.
"""

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from shared.content.blobs import Blob, LocalBlobs
from shared.content.encryption import ReadingKey
from shared.content.keyring import IN_CLEAR, Keyring

MEGA = 1_000_000
SIZES = {
    "mail of 20 kB": (20_000, 400),
    "scan of 1 MB": (MEGA, 40),
    "file of 30 MB": (30 * MEGA, 3),
}
ROUNDS = 5


def say(what: str, clear: float, encrypted: float, unit: str) -> None:
    print(f"{what:<28} {clear:>9,.2f} in clear {encrypted:>9,.2f} encrypted {unit}", flush=True)  # noqa: T201  (a bench speaks to a terminal)


async def timed(store: LocalBlobs, content: bytes, count: int) -> tuple[float, float]:
    """Milliseconds a file to store it, and to read it back."""
    start = time.perf_counter()
    keys = [(await store.put_many([Blob(2026, uuid4(), content)]))[0] for _ in range(count)]
    stored = time.perf_counter()
    for key in keys:
        await store.get(key)
    read = time.perf_counter()
    return (stored - start) * 1000 / count, (read - stored) * 1000 / count


async def bench(folder: Path) -> None:
    key = ReadingKey.new("2026")
    rings = (IN_CLEAR, Keyring({"2026": key}, key.writing))
    for name, (size, count) in SIZES.items():
        content = os.urandom(size)
        found: list[list[tuple[float, float]]] = [[], []]
        for _ in range(ROUNDS):
            for times, ring in zip(found, rings, strict=True):
                with tempfile.TemporaryDirectory(dir=folder) as own:
                    times.append(await timed(LocalBlobs(Path(own), ring), content, count))
        for what, at in (("stored", 0), ("read", 1)):
            clear, encrypted = (statistics.median(pair[at] for pair in times) for times in found)
            say(f"{name}, {what}", clear, encrypted, "ms a file")
    start = time.perf_counter()
    octets = key.writing.encrypt(content)
    speed = len(content) / MEGA / (time.perf_counter() - start)
    print(f"the format alone, {len(octets) / MEGA:.0f} MB in memory: {speed:,.0f} MB/s")  # noqa: T201  (as above)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(bench(Path(name)))
