"""`vaguemestre rehearse` on a real database: what it says, what it may, what it leaves alone."""

import asyncio
import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest
from click.testing import CliRunner

from services.__main__ import main
from shared.facts.vocabulary import Channel
from tests.desk_builders import an_arrival, digest
from tests.rehearsal_builders import MONDAY, RegisteredStory, days
from tests.rehearsal_register import FOLDER, arrived_before, begun, registered
from tests.roles import one_transaction, under_role

LETTERS = "channels: [letter, registered_letter, hand_delivered]\n    days: 15"


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> Sequence[Any]:
        """Of `--json`."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def as_rehearsal(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> pytest.MonkeyPatch:
    monkeypatch.setenv("VAGUEMESTRE_DATA", str(tmp_path))
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", under_role(postgres_url, "rehearsal"))
    return monkeypatch


@pytest.fixture
async def register(postgres_url: str) -> str:
    async with one_transaction(postgres_url) as connection:
        await begun(connection)
        await registered(connection)
    return postgres_url


def _folder(tmp_path: Path, **words: tuple[str, str]) -> Path:
    """The example préfecture's folder, a word of a table replaced."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / "proposed"))
    for table, (old, new) in words.items():
        file = folder / f"{table}.yaml"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")
    return folder


async def _says(*words: str) -> Said:
    """What the command answers, in a thread: it has an event loop of its own."""
    done = await asyncio.to_thread(CliRunner().invoke, main, ["rehearse", *words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Said(done.exit_code, done.stdout, done.stderr)


@pytest.mark.usefixtures("register", "as_rehearsal")
async def test_the_rules_that_run_change_nothing() -> None:
    said = await _says("--site", str(FOLDER))
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == "13 items read, 0 differ in 0 points."


def _letters() -> Sequence[Sequence[Any]]:
    """Answered on jour ouvré 9, answered on jour ouvré 4, and open."""
    late, soon, still = (
        RegisteredStory(name, "naturalisation", channel=Channel.LETTER)
        for name in ("nine", "four", "open")
    )
    answered = late.replied(MONDAY + days(15)), soon.replied(MONDAY + days(7))
    return [story.facts for story in (*answered, still)]


@pytest.fixture
async def letters(postgres_url: str) -> str:
    async with one_transaction(postgres_url) as connection:
        await begun(connection)
        await registered(connection, _letters())
    return postgres_url


@pytest.mark.usefixtures("letters", "as_rehearsal")
async def test_eight_days_instead_of_fifteen_are_said_with_dates_results_and_rates(
    tmp_path: Path,
) -> None:
    """Of letters of 11 May: jour ouvré 15 is 3 June, jour ouvré 8 is 22 May; today is 27 May."""
    eight = str(_folder(tmp_path, commitments=(LETTERS, LETTERS.replace("15", "8"))))
    said = await _says("--site", eight)
    assert said.code == 1
    cause = "[days commitments.reponse-courrier: 15 jours_ouvres → 8 jours_ouvres]"
    assert f"    limit reply: 2026-06-03, would be 2026-05-22  {cause}" in said.out
    assert f"    result reply: kept, would have been late  {cause}" in said.out
    assert "3 items read, 3 differ in" in said.out
    assert "reply: kept 100 % (34.2 % to 100 %) of 2 → 33.3 % (6.1 % to 79.2 %) of 3\n" in said.out
    assert (
        "With 8 jours_ouvres instead of 15 (reponse-courrier) we would have kept 33.3 % of clock "
        "reply." in said.out
    )
    *items, sums = (await _says("--site", eight, "--json")).lines
    assert len({item["item"] for item in items}) == 3
    assert (sums["items"], sums["differing"]) == (3, 3)
    assert sums["changes"] == sum(len(item["changes"]) for item in items)
    told = (await _says("--site", eight, "--summary")).out
    assert said.out.endswith(told)
    assert "limit reply" not in told


@pytest.mark.usefixtures("as_rehearsal")
async def test_of_a_month_only_what_was_received_in_it_is_read(letters: str) -> None:
    async with one_transaction(letters) as connection:
        await registered(
            connection, [RegisteredStory("june", "recepisse", MONDAY + days(30)).facts]
        )
    for month, items in (("2026-04", 0), ("2026-05", 3), ("2026-06", 1)):
        assert (await _says("--month", month)).out.startswith(f"{items} items read, 0 differ")


@pytest.mark.usefixtures("as_rehearsal")
async def test_mail_from_before_go_live_is_counted_as_if_it_had_been_tracked(
    postgres_url: str,
) -> None:
    """Two mails of 10 March that nobody answered, and one that is no fact any more."""
    at = datetime(2026, 3, 10, 9, tzinfo=UTC)
    mails = [
        an_arrival(name, at=at, correspondent=digest(name), subject=digest(name))
        for name in ("first", "second", "broken")
    ]
    async with one_transaction(postgres_url) as connection:
        await begun(connection)
        await arrived_before(connection, mails)
        await connection.execute(
            "UPDATE desk.arrivals SET told = '{}' WHERE arrival_id = $1", mails[2].arrival_id
        )
    said = await _says("--month", "2026-03", "--summary")
    assert said.code == 1
    assert "2 items read, 2 differ in" in said.out
    assert "2 of them are mails from before go-live, as if they had been tracked." in said.out
    assert "reply: kept nothing to judge → 0 % (0 % to 65.8 %) of 2" in said.out
    assert f"Row {mails[2].arrival_id} of desk.arrivals can't be read" in said.err


@pytest.mark.usefixtures("as_rehearsal")
async def test_a_fact_that_can_not_be_read_costs_its_item_and_is_said(letters: str) -> None:
    async with one_transaction(letters) as connection:
        await connection.execute("ALTER TABLE desk.facts DISABLE TRIGGER keep_facts")
        await connection.execute(
            "UPDATE desk.facts SET payload = '{}' WHERE type = 'ReplySent' AND item_id = "
            "(SELECT item_id FROM desk.facts WHERE type = 'ReplySent' LIMIT 1)"
        )
    said = await _says("--site", str(FOLDER))
    assert "3 items read, 0 differ in 0 points." in said.out
    assert "1 items could not be read or replayed: nothing is said of them." in said.out


async def test_nothing_is_written_and_nothing_is_sent(
    register: str, as_rehearsal: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every row of the database as it was, and no mail server that is named hears anything."""
    heard = list[object]()
    sink = await asyncio.start_server(lambda *_: heard.append(1), "127.0.0.1", 0)
    as_rehearsal.setenv("VAGUEMESTRE_SMTP_HOST", "127.0.0.1")
    as_rehearsal.setenv("VAGUEMESTRE_SMTP_PORT", str(sink.sockets[0].getsockname()[1]))
    eight = str(_folder(tmp_path, commitments=(LETTERS, LETTERS.replace("15", "8"))))
    async with sink:
        before = await _written(register)
        assert (await _says("--site", eight)).code == 1
        assert (await _says("--month", "2026-05")).code == 0
        assert await _written(register) == before
    assert heard == []


async def _written(url: str) -> dict[str, int]:
    """By table, every row that was ever inserted, changed or deleted, as PostgreSQL counts them."""
    async with one_transaction(url) as connection:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        rows = await connection.fetch(
            "SELECT schemaname || '.' || relname AS name, n_tup_ins + n_tup_upd + n_tup_del AS n"
            " FROM pg_stat_user_tables"
        )
    return {row["name"]: row["n"] for row in rows}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE desk.facts SET by = by",
        "DELETE FROM desk.items",
        "INSERT INTO desk.outbox (event_id) VALUES (gen_random_uuid())",
        "INSERT INTO site.versions SELECT * FROM site.versions",
        "UPDATE desk.rehearsals SET why = 'x'",
        "DELETE FROM desk.rehearsed_changes",
        "SELECT * FROM desk.search",
        "SELECT * FROM desk.sessions",
        "SELECT * FROM notify.ledger",
        "SELECT * FROM ingest.arrivals",
    ],
)
async def test_the_role_may_read_what_is_rehearsed_and_no_more(
    postgres_url: str, statement: str
) -> None:
    connection = await asyncpg.connect(under_role(postgres_url, "rehearsal"))
    try:
        assert await connection.fetchval("SELECT count(*) FROM desk.facts") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.usefixtures("letters", "as_rehearsal")
async def test_a_kept_rehearsal_has_its_sums_and_its_first_lines(
    postgres_url: str, tmp_path: Path
) -> None:
    eight = str(_folder(tmp_path, commitments=(LETTERS, LETTERS.replace("15", "8"))))
    said = await _says(
        "--site", eight, "--keep", "avant le comité", "--by", "H. Marchand", "--json"
    )
    assert (said.code, said.err) == (1, "Kept as rehearsal 1.\n")
    *items, sums = said.lines
    async with one_transaction(postgres_url) as connection:
        row = await connection.fetchrow("SELECT * FROM desk.rehearsals")
        lines = await connection.fetchval("SELECT count(*) FROM desk.rehearsed_changes")
    assert row is not None
    assert (row["kind"], row["author"], row["why"]) == ("rules", "H. Marchand", "avant le comité")
    assert row["summary"] == sums
    assert row["lines"] == ["commitments.commitments.reponse-courrier.days: 15 → 8"]
    assert lines == sum(len(item["changes"]) for item in items)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Say what is rehearsed"),
        (("--month", "mars"), "a month is written YYYY-MM"),
        (("--site", str(FOLDER), "--keep", "x"), "To keep it, say why (--keep WHY) and who"),
    ],
)
@pytest.mark.usefixtures("as_rehearsal")
async def test_what_can_not_be_done_ends_with_two(words: Sequence[str], sentence: str) -> None:
    said = await _says(*words)
    assert (said.code, said.out) == (2, "")
    assert sentence in said.err


@pytest.mark.usefixtures("letters", "as_rehearsal")
async def test_a_folder_with_a_mistake_ends_with_two(tmp_path: Path) -> None:
    wrong = _folder(tmp_path, commitments=("ladder: quinze-jours", "ladder: seize-jours"))
    said = await _says("--site", str(wrong))
    assert (said.code, said.out) == (2, "")
    assert "commitments.yaml:" in said.err


async def test_a_database_that_was_not_migrated_gets_one_sentence(
    postgres_url: str, postgres_server_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One on which nothing ever ran, and one that lacks the last migration."""
    monkeypatch.setenv("VAGUEMESTRE_DATA", str(tmp_path))
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", postgres_server_url)
    empty = await _says("--site", str(FOLDER))
    async with one_transaction(postgres_url) as connection:
        await connection.execute("DELETE FROM site.migrations WHERE name = '0310_rehearsals.sql'")
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", under_role(postgres_url, "rehearsal"))
    older = await _says("--site", str(FOLDER))
    for said in (empty, older):
        assert (said.code, said.out) == (2, "")
        assert said.err == (
            "Error: This database lacks migrations of this program: run `vaguemestre migrate` as "
            "its owner first.\n"
        )


async def test_the_role_of_a_service_is_told_which_it_needs(
    register: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_DATA", str(tmp_path))
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", under_role(register, "sla"))
    said = await _says("--site", str(FOLDER))
    assert said.code == 2
    assert "the role that ends in _rehearsal" in said.err
