"""A drill on real PostgreSQL: whole when it is, and red by name for each thing that is missing."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from click.testing import CliRunner, Result

from deploy.embedded.postgres import binaries
from services.__main__ import main
from services.ops.blobs import turnover
from services.ops.drill import backup, side_place
from shared.content import at_rest, spool
from shared.content.encryption import ReadingKey
from shared.content.keyring import Keyring
from shared.content.spool import FormDeposit
from shared.facts.ids import arrival_id
from tests.clones import Clones
from tests.desk_builders import SPACE
from tests.integration.desk.proven import Proven
from tests.roles import one_transaction

AT = datetime(2026, 6, 17, 1, tzinfo=UTC)
TAKEN, WAITS = uuid5(SPACE, "taken"), uuid5(SPACE, "waits")
TABLES = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('desk', 'site', 'vaguemestre_drill')
"""
WAITING = "SELECT count(*), coalesce(sum(id), 0) FROM {}.outbox_waiting"


def deposited(folder: Path, what: UUID) -> None:
    spool.deposit(folder, FormDeposit(id=what, at=AT, text="Bonjour"))


class Place:
    """A register of five letters, a deposit that waits, and where its drill may restore it."""

    def __init__(self, month: Proven, side: str, folder: Path) -> None:
        self.month = month
        self.side = side
        self.folder = folder / "drill"
        self.spool = folder / "spool"
        self.site = folder / "site"
        self.variables = {
            "VAGUEMESTRE_DATABASE_URL": month.url,
            "VAGUEMESTRE_DRILL_DATABASE_URL": side,
            "VAGUEMESTRE_BLOBS": str(month.folder),
            "VAGUEMESTRE_SPOOL": str(self.spool),
            "VAGUEMESTRE_DATA": "/nonexistent",
        }

    async def drill(self, *more: str, **variables: str) -> Result:
        words = ["drill", "--folder", str(self.folder), "--site", str(self.site)]
        words += ["--programs", str(binaries()), *more]
        return await asyncio.to_thread(
            CliRunner().invoke, main, words, env={**self.variables, **variables}
        )

    async def live(self, statement: str, *values: object) -> None:
        async with one_transaction(self.month.url) as owner:
            await owner.execute(statement, *values)

    async def told(self) -> list[Any]:
        """How the outboxes stand: a drill tells nothing."""
        async with one_transaction(self.month.url) as owner:
            schemas = ("ingest", "desk", "sla", "notify")
            return [tuple(await owner.fetchrow(WAITING.format(name)) or ()) for name in schemas]

    async def left(self) -> int:
        async with one_transaction(self.side) as side:
            return int(await side.fetchval(TABLES))


@pytest.fixture
async def place(month: Proven, clones: Clones, tmp_path: Path) -> AsyncIterator[Place]:
    async with clones.one() as side:
        async with one_transaction(side) as owner:  # a template of the tests is no empty one
            await side_place.empty_database(owner)
        one = Place(month, side, tmp_path)
        one.site.mkdir()
        (one.site / "site.yaml").write_text("id: indre\n")
        deposited(one.spool, WAITS)
        yield one


def found(result: Result) -> Mapping[str, Any]:
    document: dict[str, Any] = json.loads(result.stdout)
    return document


async def test_what_comes_back_whole_is_said_so_and_nothing_is_left_of_it(place: Place) -> None:
    """Nor of a drill before it that was killed, or kept."""
    before = await place.told()
    kept = await place.drill("--keep", "--json")
    assert (kept.exit_code, found(kept)["holds"]) == (0, True), kept.output
    assert await place.left() > 0
    assert {path.name for path in place.folder.iterdir()} == {
        "base", "blobs", "site", "spool", side_place.MARK,
    }  # fmt: skip
    result = await place.drill()
    assert result.exit_code == 0, result.output
    said = {line.partition(" ")[0]: line for line in result.output.splitlines()}
    # 5 letters with original and pli, and one deposit that waits; one file of the site.
    assert "10 originals (" in said["files"]
    assert "1 deposits, 1 files of the site" in said["files"]
    assert "none differ" in said["base"]
    assert said["proof"].startswith(
        "proof      5 items refolded, 10 clocks replanned, 10 documents, 1 months, 6 chains,"
        " 2 roots, 0 differ, in "
    )
    assert "0 lost of 1 inputs" in said["RPO"]
    assert "archive_mode is off" in said["RPO"]
    assert said["RTO"].startswith("RTO        ")
    assert result.output.endswith("The backup came back whole.\n")
    assert (await place.told(), await place.left()) == (before, 0)
    assert list(place.folder.iterdir()) == []


async def test_an_original_that_is_away_or_altered_is_named(place: Place) -> None:
    one, other, *_ = sorted(path for path in place.month.folder.rglob("*") if path.is_file())
    one.unlink()
    other.write_bytes(b"others")
    result = await place.drill("--json")
    assert result.exit_code == 1
    assert (
        f"{other.relative_to(place.month.folder)}: its octets are others"
        in (found(result)["differences"][0])
    )
    said = " ".join(found(result)["proof"]["differences"])
    assert one.name in said
    assert other.name in said


async def test_what_is_encrypted_comes_back_with_its_keyring_and_not_without(place: Place) -> None:
    key, other = ReadingKey.new("2026"), ReadingKey.new("2026")
    ring = Keyring({"2026": key}, key.writing)
    turnover.encrypt(place.month.folder, ring, lambda _: None)
    spool.deposit(
        place.spool, FormDeposit(id=uuid5(SPACE, "secret"), at=AT, text="Bonjour"), (), key.writing
    )
    result = await place.drill("--keep", VAGUEMESTRE_KEYRING=ring.text)
    assert result.exit_code == 0, result.output
    assert (
        f"at rest    10 of 10 originals are encrypted, and the keyring opens them: {key.writing.id}"
        " (10); keep it elsewhere than this copy" in result.output
    )
    assert "10 documents" in result.output, "the proof opens them too"
    assert "0 lost of 2 inputs" in result.output
    for path in place.folder.rglob("*"):
        assert not path.is_file() or key.text.encode() not in path.read_bytes(), path
    strange = Keyring({"2026": other}, other.writing).text
    for wrong in ({}, {"VAGUEMESTRE_KEYRING": strange}):
        refused = await place.drill(**wrong)
        assert refused.exit_code == 1
        assert f"is encrypted with key {key.writing.id}, which is not in" in refused.output
    altered = next(at_rest.blob_paths(place.month.folder))
    altered.write_bytes(altered.read_bytes()[:-1])
    broken = await place.drill("--json", VAGUEMESTRE_KEYRING=ring.text)
    assert broken.exit_code == 1
    assert f"{altered.name}: its octets are others" in found(broken)["differences"][0]
    assert f"{altered.name}: from conforme to altéré" in found(broken)["proof"]["differences"][0]


async def test_a_deposit_whose_key_was_destroyed_is_named(place: Place) -> None:
    gone = ReadingKey.new("2026").writing
    form = FormDeposit(id=uuid5(SPACE, "secret"), at=AT, text="Bonjour")
    spool.deposit(place.spool, form, (), gone)
    ring = Keyring(destroyed=frozenset({gone.id}))
    result = await place.drill("--json", VAGUEMESTRE_KEYRING=ring.text)
    assert result.exit_code == 1
    (difference,) = found(result)["differences"]
    assert difference.startswith("deposit ")
    assert str(form.id) in difference
    assert difference.endswith(f"was encrypted with key {gone.id}, now destroyed.")


async def test_a_table_that_did_not_come_back_is_named(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the way of the backup left out what it must not."""
    restore = backup.restore

    async def lossy(*words: Any) -> None:
        await restore(*words)
        async with one_transaction(place.side) as side:
            await side.execute("ALTER TABLE desk.readings DISABLE TRIGGER USER")
            await side.execute(
                "DELETE FROM sla.facts WHERE ctid = (SELECT min(ctid) FROM sla.facts)"
            )
            await side.execute("UPDATE ingest.checkpoints SET last_uid = 7")

    await place.live("INSERT INTO ingest.checkpoints (source) VALUES ('mailbox:bmi')")
    monkeypatch.setattr(backup, "restore", lossy)
    result = await place.drill("--json")
    assert result.exit_code == 1
    checkpoint, fact = found(result)["differences"]
    assert checkpoint == "ingest.checkpoints: 1 rows, of which some are others in the copy"
    assert fact.startswith("sla.facts: ")


async def test_a_deposit_taken_in_while_it_is_copied_is_in_the_base_and_a_lost_one_is_named(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ingest commits, then removes: in between and after, the backup has it once at least."""
    deposited(place.spool, TAKEN)
    copy = backup.copy

    def meanwhile(source: Path, to: Path, *, by_hash: Keyring | None = None) -> Any:
        if source == place.spool:
            for folder in spool.waiting_folders(place.spool):
                spool.remove(folder)
        return copy(source, to, by_hash=by_hash)

    await place.live(
        "INSERT INTO ingest.arrivals (arrival_id, source, kind, shown_at, recorded_at)"
        " VALUES ($1, 'spool', 'enter', $2, $2)",
        arrival_id("indre", spool.SOURCE, str(TAKEN)),
        AT,
    )
    monkeypatch.setattr(backup, "copy", meanwhile)
    result = await place.drill("--json")
    assert result.exit_code == 1
    assert (found(result)["acknowledged"], found(result)["lost"]) == (
        3, [f"20260617T010000-{WAITS}"],
    )  # fmt: skip


async def test_no_side_place_is_taken_that_is_or_may_be_somebodys(place: Place) -> None:
    kept = sorted(place.month.folder.rglob("*"))
    own = place.folder

    async def refusal(**variables: str) -> str:
        result = await place.drill(**variables)
        assert result.exit_code == 1
        assert sorted(place.month.folder.rglob("*")) == kept
        return result.output

    live = {"VAGUEMESTRE_DRILL_DATABASE_URL": place.month.url.replace("127.0.0.1", "localhost")}
    assert "leads to the live database" in await refusal(**live)
    for folder in (place.month.folder / "drill", place.month.folder.parent, place.spool):
        place.folder = folder
        assert "are one or lie in each other" in await refusal()
    place.folder = own
    own.mkdir()
    (own / "theirs").touch()
    assert "holds files that no drill made" in await refusal()
    assert [path.name for path in own.iterdir()] == ["theirs"]
    async with one_transaction(place.side) as side:
        await side.execute("DROP SCHEMA vaguemestre_drill; CREATE TABLE public.theirs (what text)")
    assert "holds tables that no drill made" in await refusal()
    async with one_transaction(place.side) as side:
        assert await side.fetchval("SELECT to_regclass('public.theirs') IS NOT NULL")
    async with one_transaction(place.month.url) as owner:
        assert await owner.fetchval("SELECT count(*) FROM desk.items") == 5
