"""What a command gives away leaves a line in the journal; which give nothing is said, and why."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import click
import pytest
from click.testing import CliRunner

from services.__main__ import main
from services.desk.handlers.arrivals import hears_arrivals
from shared.facts.arrivals import Quarantine
from shared.platform.database import Pool, transaction
from shared.platform.postgres.command_journal import GIVES, outputs
from tests.desk_browser import TODAY
from tests.desk_builders import an_arrival, rules
from tests.integration.desk.clocked import items
from tests.integration.desk.test_commands_ask import QUESTIONS

FIRST = "36-2026-A-000001"

GIVES_NO_CONTENT: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("desk labels", "ingest labels", "ingest separators", "ingest form"), "empty sheets"
    ),
    **dict.fromkeys(
        ("site check", "site schema", "site show", "site versions", "site delegations"),
        "rules of the site",
    ),
    "site people": "our own people",
    **{f"site pack {what}": "rules and empty letters" for what in (
        "key", "letters", "make", "show")},
    **{f"{service} dead-letters list": "records, in which no content stands" for service in (
        "desk", "sla", "notify")},
    **dict.fromkeys(
        ("desk list", "desk audit list", "desk month list", "desk destroy", "desk destroy list",
         "desk archive list"),
        "numbers, services and days",
    ),
    **dict.fromkeys(
        ("desk waiting list", "notify held list", "notify ledger", "notify silenced list"),
        "numbers, reasons and days",
    ),
    **dict.fromkeys(("desk letters list", "desk letters show", "desk letters used"), "models"),
    **dict.fromkeys(
        ("desk evidence roots", "desk evidence verify", "desk verify"), "hashes and differences"
    ),
    **dict.fromkeys(("sla deadline", "sla explain"), "days"),
    "rehearse": "numbers, days and steps of reminders",
    "desk api-keys list": "which program may ask what",
    "desk webhooks list": "which program is told what, and numbers of what it could not be",
    "desk deposit": "takes in",
    "drill": "counts and names of tables; its copy is taken away again",
    "ingest reconcile": "names of blobs",
    **dict.fromkeys(("blobs keys", "keys list"), "names and places of keys, counts of files"),
    **dict.fromkeys(
        ("ingest route", "ingest form-layout", "desk archive check"),
        "a file that whoever typed has",
    ),
    **dict.fromkeys(("fleet plan", "fleet status", "fleet upgrade"), "sums and sentences on sites"),
    "fleet each": "types a command of each site, which has its own line",
    "host run": "its processes, each with commands and pages of its own",
    "host status": "ids of processes",
    "kafka-rights": "rights of servers",
    "status": "sentences on services",
    "up": "runs a préfecture",
}  # fmt: skip
"""What changes nothing, or writes a file, and gives no content away."""

TRIED_ELSEWHERE: Final = frozenset(
    {
        "desk month show",  # test_indicators.py
        "desk destroy print",  # test_evidence_and_its_end.py
        "desk audit draw",  # test_draws.py
        "desk compose",  # tests/integration/notify/test_standard_letters.py
        "notify preview",  # tests/integration/notify/test_held.py
    }
)


def every(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        here = f"{path} {name}".strip()
        if isinstance(found, click.Group):
            yield from every(found, here)
        elif found is not None:
            yield here, found


def test_every_command_that_asks_or_writes_a_file_is_journalled_or_has_its_reason() -> None:
    commands = dict(every(main))
    assert not GIVES.keys() - commands.keys(), "no such command any more"
    gives = {name for name, one in commands.items() if outputs(one)} | QUESTIONS
    assert gives - GIVES.keys() - GIVES_NO_CONTENT.keys() == set(), "say whether these give content"
    assert GIVES_NO_CONTENT.keys() - gives == set(), "these give nothing"
    assert GIVES_NO_CONTENT.keys() & GIVES.keys() == set()


async def typed(*words: str) -> str:
    said = await asyncio.to_thread(CliRunner().invoke, main, list(words))
    return f"{said.exit_code} {said.output}"


async def noted(pool: Pool) -> Sequence[tuple[str | None, ...]]:
    rows = await pool.fetch(
        "SELECT what, page, about, person, account, why FROM desk.journal ORDER BY id"
    )
    return [tuple(row.values()) for row in rows]


@pytest.mark.usefixtures("live_site", "environment", "story_clock")
async def test_what_a_command_gives_is_noted_with_the_account_and_why(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.platform.postgres.command_journal.account", lambda: "jdupont")
    monkeypatch.delenv("VAGUEMESTRE_WHY", raising=False)
    await items(pool, "a", "b")
    waits = an_arrival("waits", verdict=Quarantine(reason="unreadable"), pli=None)
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, [waits], TODAY)
    year = ("--from", "2026-01-01", "--until", "2026-12-31")
    out = {name: str(tmp_path / name) for name in ("l.csv", "p.zip", "r.csv", "f.csv")}
    why = ("--why", "audit")
    tried: Mapping[str, tuple[Sequence[str], tuple[str | None, ...]]] = {
        "desk show": (("1",), ("reading", FIRST, None, None)),
        "desk search find": (("titre",), ("reading", "", None, None)),
        "desk waiting show": (
            (str(waits.arrival_id),),
            ("reading", str(waits.arrival_id), None, None),
        ),
        "desk export": (("--to", out["l.csv"]), ("download", "", None, None)),
        "desk evidence export": (("1", "--to", out["p.zip"]), ("download", FIRST, None, None)),
        "desk audit review": ((*year, "--csv", out["r.csv"]), ("download", "", None, None)),
        "desk audit freeze": (
            (*year, "--as", "q.officer", *why, "--csv", out["f.csv"]),
            ("download", "", "q.officer", "audit"),
        ),
    }
    assert tried.keys() | TRIED_ELSEWHERE == GIVES.keys()
    for command, (words, line) in tried.items():
        before = len(await noted(pool))
        said = await typed(*command.replace(" find", "").split(), *words)
        lines = (await noted(pool))[before:]
        what, about, person, because = line
        assert said.startswith("0 "), said
        assert lines == [(what, f"vaguemestre {command}", about, person, "jdupont", because)]
    before = len(await noted(pool))
    assert (await typed("desk", "audit", "review", *year)).startswith("0 ")
    assert len(await noted(pool)) == before, "numbers and reasons on the screen are no content"
    monkeypatch.setenv("VAGUEMESTRE_WHY", "controle-cnil")
    await typed("desk", "show", "2")
    assert (await noted(pool))[-1][-2:] == ("jdupont", "controle-cnil")
    assert (await typed("desk", "show", "99")).startswith("1 ")
    assert len(await noted(pool)) == before + 1, "nothing was given"
