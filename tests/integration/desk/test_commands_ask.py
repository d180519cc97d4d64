"""Every command that changes something asks a right, or stands here with its reason.

The table is of all commands of `vaguemestre`; each that asks is typed by somebody who lacks the
right, and nothing changes. What one may not know of answers like what is not there.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import click
import pytest
from click.testing import CliRunner

from services.__main__ import main
from services.desk.domain.acts import ON_PAGES
from services.desk.handlers.arrivals import hears_arrivals
from shared.facts.arrivals import Quarantine
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from tests.desk_browser import TODAY
from tests.desk_builders import an_arrival, rules
from tests.integration.desk.clocked import items

pytestmark = pytest.mark.usefixtures("live_site", "environment")

FIRST, NOWHERE = "36-2026-A-000001", "36-2026-A-000999"
WHY = ("--why", "essai")

ITEM: Final[Mapping[str, Sequence[str]]] = {
    "explain-late": ("signature",),
    "answer-reminder": ("--reason", "en-cours", "--until", "2026-05-20"),
    "assign": ("--service", "dre"),
    "close": ("--reason", "sans-suite"),
    "compose": ("suivi",),
    "confirm-regime": ("--none",),
    "confirm-reply": ("reply",),
    "correct-receipt": ("--day", "2026-05-11", "--reason", "cachet"),
    "decision": ("--effect", "acceptance", "--day", "2026-05-12"),
    "declare": ("--day", "2026-05-12"),
    "delivered": ("--day", "2026-05-12"),
    "depart": (),
    "extend-period": ("--reason", "complexe"),
    "holding-reply": ("--until", "2026-06-01"),
    "in-signature": ("--with", "b.head"),
    "legal-hold place": ("--reason", "contentieux"),
    "merge": ("--into", "36-2026-A-000002"),
    "pieces": ("--until", "2026-06-01", "--piece", "passeport"),
    "pieces-received": (),
    "qualify": (),
    "reclassify": ("--priority", "signalee"),
    "registered": ("--number", "2C 123 456 7890 5"),
    "reopen": ("--reason", "erreur"),
    "reply": ("--text", "-"),
    "returned": ("--reason", "unclaimed"),
    "sender": ("--name", "Quelqu’un"),
    "settle-return": ("--outcome", "nothing_more"),
    "sort-again": (),
    "split": ("2",),
    "third-party": ("--awaiting", "ofii"),
    "to-transmit": (),
    "transfer": ("--to", "mairie"),
    "undo": (),
}
"""Decisions about an item: who may decide about it, or prove it."""
OFFICE: Final[Mapping[str, Sequence[str]]] = {
    "formerly": ("36-2026-A-000002", "36-2026-A-000009"),
    "import": ("--apply",),
    "labels": ("--printed", "1-96"),
    "register": ("--category", "association"),
    "waiting retry": (),
    "waiting set-aside": ("--reason", "bruit"),
    "waiting take": (),
}
"""The mail office."""
LETTERS: Final = ("letters import", "letters submit")
"""Who writes the letters of a service: tests/integration/desk/test_letters_library.py."""
OF_ITEMS_OF_NOTIFY: Final = ("held drop", "held release", "silenced lift")
"""Who may decide about the item: tests/unit/notify/test_who_judges.py."""
PROVE: Final = ("audit draw", "audit freeze")
"""The right to prove: tests/integration/desk/test_draws.py."""

OTHERWISE: Final[Mapping[str, str]] = {
    **{
        f"desk api-keys {what}": "whoever runs the register, as the administrator on the page"
        for what in ("give", "revoke")
    },
    **{
        f"desk webhooks {what}": "whoever runs the register, as the administrator on the page"
        for what in ("end", "give", "retry", "rotate")
    },
    "desk erase": "erases again what facts and rows condemned: decides nothing",
    "desk evidence seal": "seals what `desk keep` seals each night, and the same",
    "desk republish": "tells the same facts with the same ids",
    "desk search reindex": "reads again what is derived",
    **{
        f"{service} dead-letters {what}": "whoever runs the service: no decision of the register"
        for service in ("desk", "sla", "notify")
        for what in ("drop", "retry")
    },
    **{f"{service} run": "a process" for service in ("ingest", "sla", "notify")},
    **{f"desk {process}": "a process" for process in ("keep", "serve")},
    "portal serve": "a process",
    "crosscheck": "tells again what is missing, with the same ids",
    "retell": "tells the same facts with the same ids",
    "sla release": "whoever runs the service: lets clocks tell what was held back as too much",
    "sla rebuild": "whoever runs the service: empties what is derived",
    **{
        f"site {what}": "the owner of the database: rules, the day of the go-live, a demo's story"
        for what in ("apply", "go-live", "story")
    },
    **dict.fromkeys(
        (
            "up",
            "migrate",
            "topics",
            "former-topics",
            "restored",
            "drill",
            "blobs check",
            "blobs move",
        ),
        "the owner of the servers: tables, roles, topics, a restore, the files of originals",
    ),
    "run": "a process",
    **dict.fromkeys(
        ("fleet each", "fleet upgrade"),
        "the owner of the machines: types the commands of each préfecture, which ask as they do",
    ),
    "host run": "a process",
    **dict.fromkeys(
        ("host restart", "host start", "host stop"),
        "the owner of the machine: begins and ends processes",
    ),
    "rehearse": "reads under a role of its own, which may keep what it found and nothing else",
    "secret rotate": "the owner of the folders of secrets: no decision of the register",
    **dict.fromkeys(
        ("keys add", "keys use", "keys destroy", "blobs encrypt"),
        "the owner of the folders of secrets and of originals: no decision of the register",
    ),
}
"""What asks no right of a person, and why."""

QUESTIONS: Final = frozenset(
    {
        *(
            "fleet plan",
            "fleet status",
            "host status",
            "kafka-rights",
            "status",
            "site check",
            "site delegations",
            "site pack key",
            "site pack letters",
            "site pack make",
            "site pack show",
            "site people",
            "site schema",
            "site show",
        ),
        *("keys list", "blobs keys"),
        *("site versions", "ingest form", "ingest labels", "ingest reconcile", "ingest route"),
        *("ingest form-layout", "desk api-keys list", "desk webhooks list"),
        *(
            "desk api-keys list",
            "ingest separators",
            "desk audit list",
            "desk audit review",
            "desk deposit",
        ),
        *("desk archive list", "desk archive check"),
        *("desk destroy", "desk destroy list", "desk destroy print", "desk evidence export"),
        *("desk evidence roots", "desk evidence verify", "desk export", "desk letters list"),
        *("desk letters show", "desk letters used", "desk list", "desk month list"),
        *("desk month show", "desk search find", "desk show", "desk verify", "desk waiting list"),
        *("desk waiting show", "notify held list", "notify ledger", "notify preview"),
        *("notify silenced list", "sla deadline", "sla explain"),
        *(f"{service} dead-letters list" for service in ("desk", "sla", "notify")),
    }
)
"""They change nothing."""


def commands(group: click.Group, path: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        here = f"{path} {name}".strip()
        if isinstance(found, click.Group):
            yield from commands(found, here)
            if found.invoke_without_command:
                yield here
        else:
            yield here


def test_every_command_asks_a_right_or_has_its_reason() -> None:
    asks = [f"desk {command}" for command in (*ITEM, *OFFICE, *LETTERS, *PROVE)]
    asks += [f"notify {command}" for command in OF_ITEMS_OF_NOTIFY]
    refuses = [*(f"desk {command}" for command in ON_PAGES), "site delegate", "site end-delegation"]
    told = [*asks, *refuses, *OTHERWISE, *QUESTIONS]
    assert len(told) == len(set(told)), "each stands once"
    there = set(commands(main))
    assert there - set(told) == set(), "say which right these ask, or why none"
    assert set(told) - there == set(), "no such command any more"


async def typed(*words: str, stdin: str = "Madame,") -> str:
    said = await asyncio.to_thread(CliRunner().invoke, main, ["desk", *words], stdin)
    return f"{said.exit_code} {said.output}"


async def stands(pool: Pool) -> Sequence[object]:
    return [
        await pool.fetchval(f"SELECT count(*) FROM desk.{table}")  # noqa: S608  (named below)
        for table in ("facts", "outbox", "items", "departures", "printed_labels", "arrivals")
    ] + [row["word"] for row in await pool.fetch("SELECT word FROM desk.arrivals ORDER BY 1")]


@pytest.fixture
async def register(pool: Pool, story_clock: Clock) -> None:
    """Two items of bmi, the first réservé, and an arrival in quarantine."""
    del story_clock
    await items(pool, "a", "b")
    reserved = ("--confidentiality", "reserve", *WHY, "--as", "b.head")
    assert (await typed("reclassify", FIRST, *reserved)).startswith("0 ")
    waits = an_arrival("waits", verdict=Quarantine(reason="unreadable"))
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, [waits], TODAY)


def about(command: str, chrono: str) -> Sequence[str]:
    return (*command.split(), chrono, *ITEM[command])


async def test_what_one_may_not_know_of_answers_every_command_like_what_is_not_there(
    pool: Pool, register: None
) -> None:
    del register
    before = await stands(pool)
    wrong = []
    asked = [(command, "r.gent") for command in ITEM]
    asked += [(command, who) for command in ("close", "undo") for who in ("a.gent", "q.officer")]
    for command, who in asked:
        there, nowhere = [
            await typed(*about(command, chrono), *WHY, "--as", who) for chrono in (FIRST, NOWHERE)
        ]
        told = f"1 Error: No item of the register bears {NOWHERE}: check the number.\n"
        if nowhere != told or there.replace(FIRST, NOWHERE) != told:
            wrong.append((command, who, there, nowhere))
    assert not wrong, wrong
    into = [
        await typed("merge", "36-2026-A-000002", "--into", chrono, *WHY, "--as", "a.gent")
        for chrono in (FIRST, NOWHERE)
    ]
    assert into[0].replace(FIRST, NOWHERE) == into[1]
    assert await stands(pool) == before


async def test_what_the_mail_office_does_nobody_else_does_by_a_command(
    pool: Pool, register: None, tmp_path: Path
) -> None:
    del register
    sheet = tmp_path / "reprise.csv"
    sheet.write_text("Numéro;Date d’arrivée;Objet\n1;2026-05-04;Essai\n")
    waits = await pool.fetchval("SELECT arrival_id FROM desk.arrivals WHERE word = 'quarantine'")
    given = {"import": (str(sheet),)} | {
        command: (str(waits),) for command in OFFICE if command.startswith("waiting")
    }
    before = await stands(pool)
    for command, words in OFFICE.items():
        for who in ("b.head", "q.officer"):
            why = () if command in {"import", "labels"} else WHY
            said = await typed(*command.split(), *given.get(command, ()), *words, *why, "--as", who)
            assert (said[:2], f"{who} may not: the mail office" in said) == ("1 ", True), said
    assert await stands(pool) == before
    assert not (tmp_path / "spool").exists()
    said = await typed("waiting", "take", str(waits), *WHY, "--as", "c.lerk")
    assert said.startswith("0 "), said
