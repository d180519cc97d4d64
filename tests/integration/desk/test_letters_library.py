"""The library of standard letters as people keep it from the command line, on real PostgreSQL."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from services.desk.letters.library import LetterLibrary
from shared.errors import Refused
from shared.facts.origin import SESSION
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from tests.desk_builders import an_applied_site
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site", "environment")

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
LETTER = """---
id: suivi
service: bmi
kind: reply
title: Suivi d’une demande
---
Objet : Votre demande {référence}

{civilité},

Votre demande est à l’étude.

Je vous prie d’agréer mes salutations.
"""


@pytest.fixture(autouse=True)
async def _a_tuesday(postgres_url: str, live_site: None) -> None:
    del live_site
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)


async def letters(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["desk", "letters", *words])


async def approve(pool: Pool, name: str, who: str) -> str:
    """What comes of somebody's approval, signed in; no command approves."""
    async with transaction(pool) as connection:
        directory = await people_store.people_at(connection, TODAY)
        by = LetterLibrary(
            connection, directory.somebody(who), TODAY, an_applied_site(), directory, SESSION
        )
        try:
            approved = await by.approve(name)
        except Refused as error:
            return str(error)
        return f"{approved.name}: {approved.state}"


async def said(*words: str) -> str:
    result = await letters(*words)
    assert result.exit_code == 0, result.output
    return result.output.strip()


async def refused(*words: str) -> str:
    result = await letters(*words)
    assert result.exit_code == 1, result.output
    return result.output


def a_file(path: Path, text: str = LETTER) -> Path:
    path.write_text(text)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return a_file(tmp_path / "suivi.md")


async def test_a_letter_goes_from_a_file_to_the_library(file: Path, pool: Pool) -> None:
    assert await said("import", str(file), "--as", "a.gent", "--submit") == "suivi@1: submitted"
    assert "may not approve" in await approve(pool, "suivi", who="a.gent")
    assert "no letter 'autre'" in await approve(pool, "autre", who="b.head")
    assert await approve(pool, "suivi", who="b.head") == "suivi@1: approved"
    assert await said("import", str(file), "--as", "a.gent") == "suivi: unchanged"
    other = a_file(file.with_name("suivi-2.md"), LETTER.replace("à l’étude", "prête"))
    assert await said("import", str(other), "--as", "b.head", "--submit") == "suivi@2: submitted"
    assert "somebody else approves it" in await approve(pool, "suivi", who="b.head")
    assert await approve(pool, "suivi", who="d.rector") == "suivi@2: approved"
    shown = await said("show", "suivi")
    assert "withdrawn by d.rector" in shown
    assert "Votre demande est prête." in shown
    assert "2 approved" in await said("list", "--service", "bmi")
    assert "suivi" not in await said("list", "--service", "dre")
    assert await said("used", "suivi") == "No item used it."
    for step in ("approve", "withdraw"):
        told = await refused(step, "suivi", "--as", "b.head")
        assert "do it on the page /courriers-types/LETTER" in told


async def test_a_file_that_is_wrong_imports_nothing(file: Path, pool: Pool) -> None:
    wrong = LETTER.replace("id: suivi", "id: zz").replace("{civilité}", "{civilite}")
    a_file(file.with_name("zz.md"), wrong)
    told = await refused("import", str(file.parent), "--as", "a.gent")
    assert "zz.md: On line 1 there is no field {civilite}: did you mean {civilité}?" in told
    assert await pool.fetchval("SELECT count(*) FROM desk.letters") == 0


async def test_not_even_a_program_changes_an_approved_letter(file: Path, pool: Pool) -> None:
    await said("import", str(file), "--as", "a.gent", "--submit")
    assert await approve(pool, "suivi", who="b.head") == "suivi@1: approved"
    for statement in (
        "UPDATE desk.letter_versions SET body = 'x'",
        "UPDATE desk.letter_versions SET state = 'withdrawn', approved_by = 'x'",
        "DELETE FROM desk.letter_versions",
    ):
        with pytest.raises(asyncpg.RaiseError, match="never changed nor removed"):
            async with transaction(pool) as connection:
                await connection.execute(statement)
