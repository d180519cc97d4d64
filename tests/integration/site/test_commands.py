"""The command line, as a person types it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import asyncpg
import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from shared.facts.envelope import At
from shared.site import store


class Run(Protocol):
    async def __call__(self, *words: str, answer: str = "") -> Result: ...


BY = ["--by", "Hélène Marchand", "--why", "essai"]


@pytest.fixture
def run(postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", postgres_url)
    monkeypatch.setenv("VAGUEMESTRE_DATA", str(tmp_path / "none"))

    async def typed(*words: str, answer: str = "") -> Result:
        # A command runs its own loop, so it has a thread of its own.
        return await asyncio.to_thread(CliRunner().invoke, main, ["site", *words], answer)

    return typed


async def test_a_sound_folder_is_applied_and_applied_again_without_effect(
    run: Run, folder: Path
) -> None:
    first = await run("apply", str(folder), *BY)
    assert first.exit_code == 0, first.output
    assert "The first version of this préfecture." in first.output
    assert "people.m.perrot: added" in first.output
    again = await run("apply", str(folder), *BY)
    assert "Identical to version 1, which runs: nothing changes." in again.output
    shown = await run("show")
    assert "version    1" in shown.output
    listed = await run("versions")
    assert "Hélène Marchand: essai" in listed.output
    bundle = json.loads((await run("show", "--json")).output)
    assert bundle["identity"]["id"] == "indre"
    people = await run("people")
    assert "m.perrot" in people.output


async def test_a_change_is_shown_and_a_dry_run_keeps_nothing(run: Run, folder: Path) -> None:
    await run("apply", str(folder), *BY)
    file = folder / "commitments.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("target: 0.9", "target: 0.95"))
    dry = await run("apply", str(folder), *BY, "--dry-run")
    assert "commitments.target: 0.9 → 0.95" in dry.output
    assert "version    1" in (await run("show")).output
    done = await run("apply", str(folder), *BY)
    assert "Version 2 runs" in done.output


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("quality.yaml", "at: [14, 30]", "at: [13, 30]", "autoevaluation.at: [14, 30] → [13, 30]"),
        ("quality.yaml", "every: 3\n", "every: 4\n", "information.every: 3 → 4"),
        ("commitments.yaml", "days: 15", "days: 14", "reponse-courrier: 15 jours_ouvres → 14"),
    ],
)
async def test_a_number_of_the_label_is_replaced_by_nobody_alone(
    run: Run, folder: Path, file: str, old: str, new: str, said: str
) -> None:
    await run("apply", str(folder), *BY)
    path = folder / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    dry = await run("apply", str(folder), *BY, "--dry-run")
    assert said in dry.output
    # These commands know no register, so that nobody could confirm it on a page.
    refused = await run("apply", str(folder), *BY)
    assert refused.exit_code == 1
    assert "needs two persons" in refused.output
    named = await run("apply", str(folder), *BY, "--second", "F. Lemoine")
    assert named.exit_code == 2  # whom the first names is no second person
    assert "version    1" in (await run("show")).output


async def test_an_unsound_folder_is_refused_whole_with_exit_code_1(run: Run, folder: Path) -> None:
    file = folder / "services.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("head: c.aubry", "head: c.aubri"))
    refused = await run("apply", str(folder), *BY)
    assert refused.exit_code == 1
    assert "1 mistake, nothing was applied." in refused.output
    assert "services.yaml:" in refused.output
    assert "did you mean 'c.aubry'?" in refused.output
    assert "No rules were applied yet" in (await run("show")).output
    assert (await run("check", str(folder))).exit_code == 1


async def test_going_live_asks_first(run: Run, folder: Path) -> None:
    await run("apply", str(folder), *BY)
    declined = await run("go-live", "--at", "2026-05-11T00:00+02:00", *BY, answer="n\n")
    assert declined.exit_code == 1
    assert "go-live    not yet" in (await run("show")).output
    done = await run("go-live", "--at", "2026-05-11T00:00+02:00", *BY, "--yes")
    assert "Live since 2026-05-10 22:00 UTC." in done.output
    assert "go-live    2026-05-10 22:00 UTC" in (await run("show")).output


async def test_a_mail_of_the_second_of_go_live_is_no_history(
    run: Run, folder: Path, postgres_url: str
) -> None:
    await run("apply", str(folder), *BY)
    await run("go-live", "--at", "2026-05-11T00:00:07.9+02:00", *BY, "--yes")
    connection = await asyncpg.connect(postgres_url)
    try:
        applied = await store.current(connection)
    finally:
        await connection.close()
    of_that_second = datetime(2026, 5, 10, 22, 0, 7, tzinfo=UTC)
    assert not applied.history(At(instant=of_that_second))
    assert applied.history(At(instant=of_that_second - timedelta(seconds=1)))


async def test_a_moment_without_offset_is_refused(run: Run, folder: Path) -> None:
    await run("apply", str(folder), *BY)
    refused = await run("go-live", "--at", "2026-05-11", *BY, "--yes")
    assert refused.exit_code == 1
    assert "no moment with its offset" in refused.output


async def test_a_demo_site_has_a_story_that_never_goes_back(run: Run, folder: Path) -> None:
    await run("apply", str(folder), *BY)
    assert (await run("story", "2026-05-11T08:00+02:00")).exit_code == 0
    assert (await run("story", "2026-05-12T08:00+02:00")).exit_code == 0
    back = await run("story", "2026-05-11T08:00+02:00")
    assert back.exit_code == 1
    assert "can't go back" in back.output


async def test_a_real_site_has_no_story(run: Run, folder: Path, postgres_url: str) -> None:
    file = folder / "site.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("demo: true", "demo: false"))
    await run("apply", str(folder), *BY)
    refused = await run("story", "2026-05-11T08:00+02:00")
    assert refused.exit_code == 1
    connection = await asyncpg.connect(postgres_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM site.story") == 0
    finally:
        await connection.close()


async def test_editors_get_a_schema_of_each_file(run: Run, tmp_path: Path) -> None:
    assert json.loads((await run("schema", "routing.yaml")).output)["title"] == "RoutingTable"
    await run("schema", "--out", str(tmp_path / "schemas"))
    assert len(list((tmp_path / "schemas").glob("*.schema.json"))) == 16


async def test_going_live_shows_what_would_leave(run: Run, folder: Path) -> None:
    await run("apply", str(folder), *BY)
    words = ["site", "go-live", "--at", "2026-05-11T00:00+02:00", *BY]
    declined = await asyncio.to_thread(CliRunner().invoke, main, words, "n\n")
    assert "Held notices that would leave: none." in declined.output


async def test_a_delegation_of_signature_is_listed_and_given_by_no_command(
    run: Run, folder: Path
) -> None:
    await run("apply", str(folder), *BY)
    before = (await run("delegations")).output
    assert "c.aubry" in before, "those of the people of a new site are taken over"
    given = ("--reference", "arrêté n° 7", "--from", "2026-05-11", "--until", "2099-12-31")
    for words in (
        ("delegate", "h.marchand", *given, "--by", "h.marchand"),
        ("delegate", "t.renard", *given, "--by", "Françoise Lemoine"),
        ("end-delegation", "1", "--by", "Françoise Lemoine"),
    ):
        refused = await run(*words)
        assert (refused.exit_code, "on the page /delegations" in refused.output) == (1, True)
    assert (await run("delegations")).output == before


async def test_whom_a_later_version_brings_is_a_fact_by_the_shell_and_the_first_is_none(
    run: Run, folder: Path, postgres_url: str
) -> None:
    """A new site's people are its first version; who comes later is proven, and mailed."""
    del run
    connection = await asyncpg.connect(postgres_url)

    async def facts() -> list[tuple[str, str, str, str]]:
        rows = await connection.fetch(
            "SELECT by, payload::jsonb AS said FROM desk.facts WHERE type = 'PersonChanged'"
        )
        said = [(row["by"], json.loads(row["said"])) for row in rows]
        return [(by, one["person"], one["change"], one["via"]) for by, one in said]

    async def applied() -> Result:
        words = ["site", "apply", str(folder), *BY]
        return await asyncio.to_thread(CliRunner().invoke, main, words)

    try:
        assert (await applied()).exit_code == 0
        assert await facts() == []
        people = folder / "people.yaml"
        line = (
            "  - {id: n.ouveau, first_name: Nora, name: Ouveau, capacity: adjointe,"
            " email: nora.ouveau@indre.example, phone: 02 54 00 01 99, services: [bmi]}\n"
        )
        said = people.read_text(encoding="utf-8")
        signs = (
            "  - {person: n.ouveau, reference: arrêté n° 8, first: 2026-05-11, last: 2099-12-31}\n"
        )
        said = said.replace("people:\n", f"people:\n{line}", 1)
        said = said.replace("delegations:\n", f"delegations:\n{signs}", 1)
        people.write_text(said, encoding="utf-8")
        again = await applied()
        assert again.exit_code == 0, again.output
        assert await facts() == [("account:owner", "n.ouveau", "arrived", "shell")]
        given = await connection.fetch(
            "SELECT by, payload::jsonb ->> 'person' AS person FROM desk.quality_facts"
            " WHERE type = 'DelegationGiven' ORDER BY seq"
        )
        assert {row["by"] for row in given[:-1]} == {"service:desk"}, "those of the first version"
        assert tuple(given[-1]) == ("account:owner", "n.ouveau")
    finally:
        await connection.close()
