"""One drill from its refusals to its sums: backup, restore, comparison, proof."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from services.ops.blobs import inventory
from services.ops.drill import backup, deposits, proof, side_place, table_sums
from services.ops.drill.backup import Copied
from services.ops.drill.proof import CopyProof
from shared.content.blob_files import FolderFiles
from shared.content.keyring import Keyring
from shared.errors import Refused
from shared.platform import disk_space
from shared.platform.database import Connection, connect_alone, place
from shared.platform.postgres import migrate, rights
from shared.site import store

if TYPE_CHECKING:
    from shared.content.bucket import BucketBlobs


@dataclass(frozen=True, slots=True)
class DrillPlan:
    """The plan of a backup drill: the databases and folders copied, and the place to restore."""

    live: SecretStr
    side: SecretStr
    folder: Path
    blobs: Path
    spool: Path
    keyring: Keyring
    """What opens originals and deposits; empty: they lie in clear."""
    site: Path | None
    bucket: "BucketBlobs | None"
    """Where originals lie beside, or instead of, the folder."""
    programs: Path | None
    """The folder of pg_dump and pg_restore; `None`: as the machine finds them."""


@dataclass(frozen=True, slots=True)
class DrillResult:
    """The result of a backup drill: sizes, seconds, and all that the restored copy lacks."""

    began: datetime
    source: str
    target: str
    seconds: Mapping[str, float]
    """Of `dump`, `restore`, `files` and `proof`."""
    dumped: int
    """Octets."""
    tables: int
    rows: int
    acknowledged: int
    """Arrivals in the base and deposits in the spool when it began."""
    waiting: int
    copied: Mapping[str, Copied]
    """Of `blobs`, `spool` and `site`."""
    differences: Sequence[str]
    """Between the register and the copy, and documents that are others or away."""
    lost: Sequence[str]
    """Inputs that were acknowledged and are not in the copy."""
    unmigrated: int
    proof: CopyProof
    archiving: str

    @property
    def holds(self) -> bool:
        """Whether the backup drill brought everything back."""
        return not (self.differences or self.lost or self.unmigrated) and not self.proof.differ

    @property
    def recovery_seconds(self) -> float:
        """The drill's seconds from an empty server to a register that can start (RTO)."""
        return self.seconds["restore"] + self.seconds["files"]


async def drill(plan: DrillPlan, *, keep: bool = False) -> DrillResult:
    """Takes a backup, restores it next to the register, compares; removes both unless `keep`.

    Raises:
        Refused: the side place is the live one, holds something else, or has no room.
        TemporaryFailure: a database or a disk is away.
        PermanentFailure: a program of PostgreSQL failed.
    """
    live = await connect_alone(plan.live, "drill", seconds=None)
    try:
        side = await connect_alone(plan.side, "drill", seconds=None)
        try:
            await side_place.owner_may_copy(live)
            await side_place.claim_database(live, side)
            # Before anything is written: what is claimed is removed, and nothing else is.
            theirs = [plan.blobs, plan.spool, *([plan.site] if plan.site else [])]
            await asyncio.to_thread(side_place.claim_folder, plan.folder, theirs)
            try:
                return await _drill(plan, live, side)
            finally:
                if not keep:
                    await side_place.release_database(side)
                    await asyncio.to_thread(side_place.empty_folder, plan.folder)
        finally:
            await side.close()
    finally:
        await live.close()


async def _drill(plan: DrillPlan, live: Connection, side: Connection) -> DrillResult:
    seconds: dict[str, float] = {}
    began: datetime = await live.fetchval("SELECT clock_timestamp()")
    applied = await store.current(live)
    site = applied.site.identity.id
    await _has_room(plan, live)
    before = await asyncio.to_thread(deposits.waiting_deposits, plan.spool, site, plan.keyring)
    copied = {"spool": await _copied(seconds, plan.spool, plan.folder / "spool")}
    if plan.site is not None:
        copied["site"] = await _copied(seconds, plan.site, plan.folder / "site")
    async with live.transaction(isolation="repeatable_read", readonly=True):
        snapshot: str = await live.fetchval("SELECT pg_export_snapshot()")
        started = time.monotonic()
        await backup.dump(plan.programs, plan.live, snapshot, plan.folder / "base")
        seconds["dump"] = time.monotonic() - started
        sums = await table_sums.table_sums(live)
    originals = plan.folder / "blobs"
    copied["blobs"] = await _copied(seconds, plan.blobs, originals, by_hash=plan.keyring)
    if plan.bucket is not None:  # after the folder, whose files may be on their way there
        started = time.monotonic()
        fetched = await backup.download(plan.bucket, originals, plan.keyring)
        copied["blobs"] = copied["blobs"].together(fetched)
        seconds["files"] += time.monotonic() - started
    await _has_roles(live, side)
    started = time.monotonic()
    await backup.restore(plan.programs, plan.side, plan.folder / "base")
    seconds["restore"] = time.monotonic() - started
    found = await table_sums.table_sums(side)
    away = (await inventory.take(side, FolderFiles(originals), began)).away
    there = await asyncio.to_thread(
        deposits.waiting_deposits, plan.folder / "spool", site, plan.keyring
    )
    unmigrated = len(await migrate.pending_migrations(side, migrate.read()))
    started = time.monotonic()
    proven = await proof.prove(plan.side, plan.folder, plan.keyring)
    seconds["proof"] = time.monotonic() - started
    return DrillResult(
        began=began,
        source=place(plan.live),
        target=place(plan.side),
        seconds=seconds,
        dumped=await asyncio.to_thread(backup.size, plan.folder / "base"),
        tables=len(sums),
        rows=sum(table.rows for table in sums.values()),
        acknowledged=sums["ingest.arrivals"].rows + len(before),
        waiting=len(before),
        copied=copied,
        differences=[
            *table_sums.differing_tables(sums, found),
            *copied["blobs"].damaged,
            *(f"deposit {name}: {why}" for name, why in before.unreadable.items()),
            *(f"document {key}: a row names it, and it is not in the copy" for key in away),
        ],
        lost=await deposits.missing_deposits(before, there, plan.spool, side),
        unmigrated=unmigrated,
        proof=proven,
        archiving=await _archiving(live),
    )


async def _copied(
    seconds: dict[str, float], source: Path, to: Path, *, by_hash: Keyring | None = None
) -> Copied:
    started = time.monotonic()
    done = await asyncio.to_thread(backup.copy, source, to, by_hash=by_hash)
    seconds["files"] = seconds.get("files", 0.0) + time.monotonic() - started
    return done


async def _has_room(plan: DrillPlan, live: Connection) -> None:
    base: int = await live.fetchval("SELECT pg_database_size(current_database())")
    needed = base + await asyncio.to_thread(_octets, plan)
    if plan.bucket is not None:
        needed += sum([file.size async for file in plan.bucket.files()])
    left = await asyncio.to_thread(disk_space.free, plan.folder)
    if left < needed:
        mega = disk_space.MEGA
        raise Refused(
            f"{plan.folder} has {left // mega} MB left, and the copy may need {needed // mega} MB."
        )


def _octets(plan: DrillPlan) -> int:
    return sum(backup.size(folder) for folder in (plan.blobs, plan.spool))


async def _has_roles(live: Connection, side: Connection) -> None:
    """What the dump grants is granted to roles: on another server they are made, without login."""
    own: str = await live.fetchval("SELECT prefix FROM site.role_names")
    for role in (*rights.PROCESSES, *rights.OTHERS):
        await rights.ensure(side, f"{own}_{role}")


async def _archiving(live: Connection) -> str:
    """How the server keeps what comes between two backups, as one sentence."""
    mode: str = await live.fetchval("SELECT current_setting('archive_mode')")
    if mode == "off":
        return "archive_mode is off: with its disk a server loses what came since the last backup"
    row = await live.fetchrow("SELECT last_archived_time, last_failed_time FROM pg_stat_archiver")
    done, failed = (None, None) if row is None else row
    if done is None or (failed is not None and failed > done):
        return "archive_mode is on, and its last attempt failed: see PostgreSQL's log"
    return f"archive_mode is on, last segment {done:%Y-%m-%d %H:%M} UTC"
