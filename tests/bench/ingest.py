"""How fast the door is, beside this machine's raw limit: `make bench WHAT=ingest`.

On Debian's Dovecot, PostgreSQL with fsync on, and a disk that is flushed. The raw limit fetches the
same mails from the same server in the same batches and throws them away; the door reads, judges,
keeps octets and plis, commits and marks. In each round one follows the other, and their ratio is
what counts. The door is a process of its own with its reading children; the bench fails if a mail
is missing. Then, apart: attached files; memory over ten times as many mails; and one mail after the
other, from the moment in which a bare client hears EXISTS to its fact in Kafka.

`python -m tests.bench.ingest --help` has the sizes; a small case runs in seconds.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import orjson
import psutil
from aiokafka import AIOKafkaConsumer
from imapclient import IMAPClient
from pydantic import SecretStr

from deploy.embedded.kafka import KafkaServer
from services.ingest.mailbox import BATCH
from shared.platform.database import Pool, open_pool
from shared.platform.kafka import topics
from tests.bench.door_mails import a_door_mail, fill
from tests.bench.ingest_door import DoorPlace, DoorTook
from tests.bench.said import Said, run
from tests.dovecot import PASSWORD, RunningDovecot, dovecot, program

SHARE, WISHED_SHARE = 0.20, 0.30
MEGABYTES: Final = 200
SOON_MS: Final = 80
USER, SINGLES_USER, GROWN_USER = "pref", "one", "grown"


def client(port: int, user: str) -> IMAPClient:
    found = IMAPClient("127.0.0.1", port=port, ssl=False)
    found.login(user, PASSWORD)
    return found


def fetch_bare(port: int, user: str) -> float:
    """Mails a second of IMAPClient alone; the marks of the round before go first."""
    with client(port, user) as bare:
        bare.select_folder("INBOX")
        uids = bare.search()
        bare.remove_flags(uids, [b"$Vaguemestre"], silent=True)
        started = time.perf_counter()
        for start in range(0, len(uids), BATCH):
            bare.fetch(uids[start : start + BATCH], ["INTERNALDATE", "BODY.PEEK[]"])
        return len(uids) / (time.perf_counter() - started)


class Memory:
    """The most memory that a process and its children had together, by what each has alone."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.peak = self.last = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> float:
        self._ended.set()
        self._thread.join()
        return self.peak

    def _look(self) -> None:
        while not self._ended.wait(0.5):
            with suppress(psutil.Error):
                every = [self._process, *self._process.children(recursive=True)]
                self.last = sum(process.memory_full_info().pss for process in every) / 1e6
                self.peak = max(self.peak, self.last)


async def begin(place: DoorPlace) -> asyncio.subprocess.Process:
    said = orjson.dumps({**asdict(place), "blobs": str(place.blobs)}).decode()
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.ingest_door", said),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def through_the_door(place: DoorPlace) -> tuple[DoorTook, float]:
    """What a door took for its mails, and the most memory that it had."""
    process = await begin(place)
    memory = Memory(process.pid)
    out, _ = await process.communicate()
    peak = memory.end()
    if process.returncode or not out:
        raise SystemExit(f"bench: the door ended with {process.returncode}")
    return DoorTook(**orjson.loads(out.splitlines()[-1])), peak


async def emptied(pool: Pool) -> None:
    tables = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'ingest'")
    # What counts the rows of another table is emptied by that one's own trigger.
    names = [f"ingest.{row[0]}" for row in tables if not row[0].endswith("_counts")]
    await pool.execute(f"TRUNCATE {', '.join(names)} CASCADE")


async def rounds(said: Said, pool: Pool, place: DoorPlace, o: argparse.Namespace) -> float:
    """The raw limit and the door in turns; the most memory of the last round."""
    bare, door = list[float](), list[DoorTook]()
    peak = 0.0
    await asyncio.to_thread(fetch_bare, place.port, USER)  # the server indexes what is new
    for number in range(o.rounds):
        bare.append(await asyncio.to_thread(fetch_bare, place.port, USER))
        await emptied(pool)
        here = replace(place, mails=o.mails, blobs=place.blobs / str(number))
        took, peak = await through_the_door(here)
        door.append(took)
        said.note(
            f"round {number + 1}: bare {bare[-1]:,.0f}, door {o.mails / took.seconds:,.0f} a second"
            f" (processor {1000 * took.own_cpu / o.mails:.2f} + {_of_children(took):.2f} ms a mail,"
            f" load {os.getloadavg()[0]:.1f})"
        )
    rates = [o.mails / took.seconds for took in door]
    said.fact("raw limit: IMAPClient fetches and throws away", statistics.median(bare), "a second")
    said.fact("door: judged, on the disk, committed, marked", statistics.median(rates), "a second")
    share = statistics.median(d / b for d, b in zip(rates, bare, strict=True))
    said.goal("door: of the raw limit", share, SHARE, "", least=True)
    said.note(f"  wished: {WISHED_SHARE:.2f} of the raw limit, {_is(share >= WISHED_SHARE)}")
    return peak


def _of_children(took: DoorTook) -> float:
    return 1000 * took.children_cpu / max(1, took.count)


def _is(reached: bool) -> str:  # noqa: FBT001  (a word of a sentence)
    return "reached" if reached else "not reached"


async def attachments(said: Said, place: DoorPlace, o: argparse.Namespace) -> None:
    here = replace(
        place, do="attachments", seconds=o.seconds, blobs=place.blobs / str(o.rounds - 1)
    )
    took, _ = await through_the_door(here)
    said.fact(
        f"attached files, read apart: of {took.count} mails", took.count / took.seconds,
        "mails a second",
    )  # fmt: skip


async def grown(
    said: Said, pool: Pool, place: DoorPlace, few: float, o: argparse.Namespace
) -> None:
    """Memory of the door over many more mails than a round has."""
    await emptied(pool)
    _, most = await through_the_door(
        replace(place, mails=o.grown, user=GROWN_USER, blobs=place.blobs / "grown")
    )
    said.goal(f"memory with the children, {o.mails:,} mails", few, MEGABYTES, "MB")
    said.goal(f"memory with the children, {o.grown:,} mails", most, MEGABYTES, "MB")


def hear_exists(port: int, count: int, heard: list[float], ready: threading.Event) -> None:
    """The moments (performance counter) at which a bare client in IDLE hears of a new mail."""
    with client(port, SINGLES_USER) as bare:
        bare.select_folder("INBOX", readonly=True)
        bare.idle()
        ready.set()
        while len(heard) < count:
            now = bare.idle_check(timeout=60)
            at = time.perf_counter()
            if not now:
                return
            heard += [at for line in now if b"EXISTS" in line]
        bare.idle_done()


async def singly(
    said: Said, pool: Pool, place: DoorPlace, o: argparse.Namespace, kafka: str
) -> None:
    """One mail after the other: from the server's EXISTS to the record in Kafka."""
    await emptied(pool)
    prefix = f"b{uuid4().hex[:8]}."
    await topics.provision(kafka, prefix, replication=1)
    consumer: Any = AIOKafkaConsumer(
        f"{prefix}arrivals", bootstrap_servers=kafka, auto_offset_reset="earliest"
    )
    await consumer.start()
    door = await begin(
        replace(
            place, mails=0, user=SINGLES_USER, blobs=place.blobs / "one", kafka=kafka, prefix=prefix
        )
    )
    try:
        waits = await _singles(place.port, consumer, o.singles)
    finally:
        door.kill()
        await door.wait()
        await consumer.stop()
    said.goal("one mail: EXISTS → Kafka, median", 1000 * statistics.median(waits), SOON_MS, "ms")
    said.fact("one mail: EXISTS → Kafka, slowest", 1000 * max(waits), "ms")


@contextmanager
def embedded_kafka() -> Iterator[str]:
    """The address of a Kafka, which runs as long as it is needed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        kafka = KafkaServer(Path(name))
        kafka.start()
        try:
            yield kafka.address
        finally:
            kafka.stop()


async def _singles(port: int, consumer: Any, count: int) -> list[float]:
    heard, ready = list[float](), threading.Event()
    idling = asyncio.create_task(asyncio.to_thread(hear_exists, port, count + 1, heard, ready))
    await asyncio.to_thread(ready.wait)
    waits = list[float]()
    with client(port, SINGLES_USER) as sender:
        for number in range(count + 1):
            await asyncio.to_thread(sender.append, "INBOX", a_door_mail(number))
            while True:  # what is told of the source itself is no mail
                record = await consumer.getone()
                if b"Arrived" in dict(record.headers).get("ce_type", b""):
                    break
            told = time.perf_counter()
            while len(heard) <= number:  # noqa: ASYNC110  (a thread hears)
                await asyncio.sleep(0.01)
            waits.append(max(0.0, told - heard[number]))
            # Dovecot tells of what changed half a second later: were it still to tell of the mark,
            # it would tell a client that has not set it of the next mail at once, and us later.
            await asyncio.sleep(1.2)
    await idling
    return waits[1:]  # the first one starts the children


async def bench(
    url: str,
    folder: Path,
    server: RunningDovecot,
    kafka: AbstractContextManager[str],
    o: argparse.Namespace,
) -> Said:
    said, pool = Said(), await open_pool(SecretStr(url), "bench")
    place = DoorPlace(url, server.port, USER, folder / "blobs", o.mails)
    octets = await asyncio.to_thread(fill, server.home / "mail" / USER, 0, o.mails)
    said.fact(f"{o.mails:,} mails, in the mean", octets / o.mails / 1000, "kB")
    peak = await rounds(said, pool, place, o)
    await attachments(said, place, o)
    if o.grown:
        await asyncio.to_thread(fill, server.home / "mail" / GROWN_USER, o.mails, o.grown)
        await grown(said, pool, place, peak, o)
    with kafka as address:
        await singly(said, pool, place, o, address)
    await pool.close()
    return said


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ingest")
    for name, size, what in (
        ("mails", 5_000, "mails of a round"),
        ("rounds", 3, "of which the median counts"),
        ("grown", 50_000, "mails over which memory is watched; 0: it is not"),
        ("singles", 30, "mails that come one after the other"),
        ("seconds", 30, "for how long attached files are read at most"),
    ):
        parser.add_argument(f"--{name}", type=int, default=size, help=what)
    return parser.parse_args(words)


def main() -> None:
    o, found = options(), program()
    if found is None:
        raise SystemExit("bench: Dovecot is missing: run deploy/system-packages.sh as root")
    with dovecot(found) as server:
        run(lambda url, folder: bench(url, folder, server, embedded_kafka(), o))


if __name__ == "__main__":
    main()
