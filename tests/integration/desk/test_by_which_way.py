"""Whether a decision was taken on a page or typed in a shell is in its fact, under the evidence."""

import asyncio
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from services.desk.domain.evidence import GENESIS, link
from shared.content.blobs import LocalBlobs
from shared.platform import shell
from shared.platform.clock import Clock
from shared.platform.database import Pool
from shared.platform.shell import VARIABLE
from tests.desk_browser import Browser, pages
from tests.desk_builders import an_arrival
from tests.integration.desk.clocked import items
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site", "environment")

FIRST = "36-2026-A-000001"
HERE = f"/courrier/{FIRST}"


async def typed(*words: str, why: str | None = "page-en-panne") -> Result:
    return await asyncio.to_thread(CliRunner(env={VARIABLE: why}).invoke, main, ["desk", *words])


@pytest.fixture
async def head(pool: Pool, story_clock: Clock, tmp_path: Path) -> AsyncIterator[Browser]:
    blobs, arrival = LocalBlobs(tmp_path / "blobs"), an_arrival("a").arrival_id
    kept = [await blobs.put(2026, arrival, octets) for octets in (b"Bonjour", b"{}")]
    await items(pool, "a", original=kept[0], pli=kept[1])
    browser = await Browser(pages(pool, story_clock, tmp_path)).sign_in("b.head")
    yield browser
    await browser.client.aclose()


async def ways(pool: Pool) -> list[tuple[str, str | None, str | None, str | None]]:
    rows = await pool.fetch("SELECT type, payload FROM desk.facts ORDER BY seq")
    said = [(row["type"], json.loads(row["payload"])) for row in rows]
    return [
        (kind, one["via"], (one["shell"] or {}).get("account"), (one["shell"] or {}).get("why"))
        for kind, one in said
    ]


@pytest.mark.usefixtures("head")
async def test_the_machine_a_page_and_a_command_each_say_so(head: Browser, pool: Pool) -> None:
    closed = await typed("close", FIRST, "--as", "b.head", "--reason", "sans-suite")
    assert closed.exit_code == 0, closed.output
    reopened = await head.send(HERE, f"{HERE}/rouvrir", {"reason": "erreur"})
    assert reopened.status_code == 303
    me = shell.account()
    assert await ways(pool) == [
        ("ItemRegistered", "machine", None, None),
        ("ItemClosed", "shell", me, "page-en-panne"),
        ("ItemReopened", "session", None, None),
    ]
    shown = (await typed("show", FIRST)).output
    assert f"person:b.head by shell ({me}: page-en-panne)" in shown
    assert "person:b.head by session" in shown
    page = await head.page(HERE)
    assert page.count("par commande (compte ") == 1
    assert f"par commande (compte {me} : page en panne)" in page


@pytest.mark.usefixtures("head")
async def test_a_command_that_does_not_say_why_decides_nothing(pool: Pool) -> None:
    refused = await typed("close", FIRST, "--as", "b.head", "--reason", "sans-suite", why=None)
    assert refused.exit_code == 2
    assert "--why" in refused.output
    assert [kind for kind, *_ in await ways(pool)] == ["ItemRegistered"]


@pytest.mark.usefixtures("head")
async def test_what_was_decided_by_command_is_counted_before_the_audit(
    head: Browser, pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    await typed("close", FIRST, "--as", "b.head", "--reason", "sans-suite")
    await head.send(HERE, f"{HERE}/rouvrir", {"reason": "erreur"})
    period = ("--from", "2026-05-01", "--until", "2026-05-31")
    listed = (await typed("audit", "review", *period)).output
    me = shell.account()
    assert f"by_shell           {FIRST}  2026-05-12  b.head by shell ({me})" in listed
    assert listed.splitlines()[-1].endswith(", 1 by_shell")
    officer = await Browser(pages(pool, story_clock, tmp_path)).sign_in("q.officer")
    page = await officer.page("/audit?du=2026-05-01&au=2026-05-31")
    assert "Décidé par commande, sans page où la personne s’identifie : 1" in page
    assert f"par commande (compte {me})" in page
    await officer.client.aclose()


@pytest.mark.usefixtures("head")
async def test_the_way_is_under_the_evidence_and_facts_without_it_still_hold(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await typed("close", FIRST, "--as", "b.head", "--reason", "sans-suite")
    out = tmp_path / "preuve.zip"
    await typed("evidence", "export", FIRST, "--to", str(out))
    with zipfile.ZipFile(out) as archive:
        archive.extractall(tmp_path / "preuve")
    assert verified(tmp_path / "preuve") == 0
    facts = tmp_path / "preuve" / "faits.jsonl"
    whole = facts.read_text("utf-8")
    facts.write_text(whole.replace('\\"via\\":\\"shell\\"', '\\"via\\":\\"session\\"'), "utf-8")
    assert facts.read_text("utf-8") != whole
    assert verified(tmp_path / "preuve") == 1
    # The same register as a version before this field wrote it: its chain is as it was.
    async with one_transaction(postgres_url) as owner:
        await owner.execute("ALTER TABLE desk.facts DISABLE TRIGGER keep_facts")
        rows = await owner.fetch("SELECT * FROM desk.facts ORDER BY item_id, seq")
        heads: dict[str, str] = {}
        for row in rows:
            said = json.loads(row["payload"])
            del said["via"], said["shell"]
            old, item = json.dumps(said), str(row["item_id"])
            heads[item] = link(heads.get(item, GENESIS), old, row["by"], row["recorded_at"])
            await owner.execute(
                "UPDATE desk.facts SET payload = $2, link = $3 WHERE event_id = $1",
                row["event_id"], old, heads[item],
            )  # fmt: skip
    assert (await typed("evidence", "verify", FIRST)).exit_code == 0
    assert "by shell" not in (await typed("show", FIRST)).output
    reopened = await typed("reopen", FIRST, "--as", "b.head", "--reason", "erreur")
    assert reopened.exit_code == 0, reopened.output
    assert (await typed("evidence", "verify", FIRST)).exit_code == 0
    assert [way for _, way, *_ in await ways_of_all(pool)] == [None, None, "shell"]


async def ways_of_all(pool: Pool) -> list[tuple[str, str | None]]:
    rows = await pool.fetch(
        "SELECT type, payload::jsonb ->> 'via' AS way FROM desk.facts ORDER BY seq"
    )
    return [(row["type"], row["way"]) for row in rows]


def verified(folder: Path) -> int:
    program = [sys.executable, str(folder / "verifier.py")]
    return subprocess.run(program, check=False, capture_output=True).returncode  # noqa: S603  (a program of ours)
