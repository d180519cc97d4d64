"""Reconcile: is everything that the sources show accounted for (DESIGN, law 1)?

Each mail of each inbox must have a place that is kept, each waiting file or deposit is counted as
waiting. A mail that is missing although the last pass ended after it came is lost: exit code 1.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.ingest import questions
from services.ingest.imap import ImapSource
from services.ingest.mailbox import MailSource
from services.ingest.mailbox_uids import stored_uids
from services.ingest.settings import IngestSettings
from shared.content import spool
from shared.errors import PermanentFailure, TemporaryFailure
from shared.platform.database import Pool, open_pool, transaction
from shared.site.store import current
from shared.site.tables.mailboxes import Mailbox, Sources

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SourceCount:
    """The reconciliation of one source: how much it shows, how much of that is stored."""

    source: str
    shown: int
    kept: Mapping[str, int]
    """Arrivals kept, by word: enter, set_aside, exercise, quarantine, probe, bounce, …"""
    missing: tuple[int, ...] = ()
    """UIDs that nothing accounts for."""
    trouble: str = ""

    @property
    def sound(self) -> bool:
        """Whether the source could be asked, and everything that it shows is accounted for.

        Deposits in the spool's folder of refused ones count as not accounted for; a scan folder
        that can't be read counts as empty.
        """
        return not self.missing and not self.trouble


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The result of a reconciliation of all sources with the database."""

    counts: tuple[SourceCount, ...] = field(default=())

    @property
    def sound(self) -> bool:
        """Whether the reconciliation finds nothing missing in any source."""
        return all(count.sound for count in self.counts)

    def lines(self) -> Iterator[str]:
        """Formats the reconciliation as lines of text for a terminal.

        Of UIDs without arrival at most 20 are shown.
        """
        for count in self.counts:
            words = ", ".join(f"{number} {word}" for word, number in sorted(count.kept.items()))
            state = "ok" if count.sound else "NOT ACCOUNTED FOR"
            yield f"{count.source:28} shows {count.shown:6}  kept: {words or 'nothing'}  {state}"
            if count.trouble:
                yield f"    {count.trouble}"
            if count.missing:
                some = ", ".join(str(uid) for uid in count.missing[:_SHOWN])
                yield f"    {len(count.missing)} UIDs without arrival: {some}"


async def reconcile(settings: IngestSettings) -> Reconciled:
    """Compares what every source shows with what the database has (reconciliation).

    Raises:
        TemporaryFailure: the database is away.
        NoSite: no rules were applied.
    """
    pool = await open_pool(settings.database_url, "ingest reconcile", size=2)
    try:
        async with transaction(pool) as connection:
            site = (await current(connection)).site
            kept = _by_source(await questions.counts(connection))
        counts = [
            await _folder(pool, settings, box, source, kept.get(source, {}))
            for box in site.sources.mailboxes
            for source in box.watched
        ]
        counts += _others(settings, site.sources, kept)
    finally:
        await pool.close()
    return Reconciled(tuple(counts))


def _by_source(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (source, kind), number in counts.items():
        found.setdefault(source, {})[kind] = number
    return found


async def _folder(
    pool: Pool, settings: IngestSettings, box: Mailbox, source: str, kept: Mapping[str, int]
) -> SourceCount:
    """What is kept of a mailbox's folders is counted together, with its inbox."""
    try:
        door = ImapSource(settings.account(box, box.watched[source], observed=True))
        uidvalidity, uids = await asyncio.to_thread(_look, door)
    except (TemporaryFailure, PermanentFailure) as failure:
        return SourceCount(source, 0, kept, trouble=str(failure))
    async with transaction(pool) as connection:
        kept_uids = await stored_uids(connection, source, uidvalidity)
    missing = tuple(uid for uid in uids if uid not in kept_uids)
    return SourceCount(source, len(uids), kept, missing)


def _look(door: MailSource) -> tuple[int, list[int]]:
    try:
        return door.open(), door.uids()
    finally:
        door.close()


def _others(
    settings: IngestSettings, sources: Sources, kept: Mapping[str, Mapping[str, int]]
) -> Iterator[SourceCount]:
    for folder in sources.scan_folders:
        waiting = _files(settings.scans / folder.folder) if settings.scans else 0
        name = f"scans:{folder.id}"
        yield SourceCount(name, waiting, kept.get(name, {}))
    refused = _files(settings.spool / ".refused")
    yield SourceCount(
        "spool",
        len(spool.waiting_folders(settings.spool)) + refused,
        kept.get("spool", {}),
        trouble=f"{refused} deposits in .refused: look at them." if refused else "",
    )


def _files(folder: Path) -> int:
    try:
        return sum(1 for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return 0
